// slot: where the figures and rates of a step stand.
//
// The importing file has the constants STEPS and EPOCHS, and binds
//
//   counter: array<u32>   (4): the next step within its epoch, and its epoch; the same of the step
//                         on its way

// slot returns the place of the step on its way within a ring of epochs.
fn slot() -> u32 {
  return counter[3] % EPOCHS * STEPS + counter[2];
}
