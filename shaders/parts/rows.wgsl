// rows returns how many rows of a step's batch are real. An epoch takes `count` rows in `steps`
// batches of `batch` rows. The last batch may lack rows.
fn rows(step: u32, batch: u32, count: u32, steps: u32) -> u32 {
  return min(batch, count - step % steps * batch);
}
