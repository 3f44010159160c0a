// rows returns how many rows of a batch are real. `step` counts within the epoch, which takes `count` rows in
// batches of `batch` rows. The last batch may lack rows.
fn rows(step: u32, batch: u32, count: u32) -> u32 {
  return min(batch, count - step * batch);
}
