// count_step: the end of a step: its figures and its count.
//
// The importing file has the constants N, COUNT, STEPS, EPOCHS and WORKGROUP, and binds
//
//   tally: array<vec2<f32>>  losses (N, 2): the loss of each row, and 1 if its prediction is right;
//                            behind them metrics (EPOCHS, STEPS, 2): mean loss, and rows that are
//                            right; a ring
//   counter: array<u32>      (6): the next step within its epoch, and its epoch; the same of the step
//                            on its way; the seed

#import rows
#import slot

var<workgroup> sums: array<vec2<f32>, WORKGROUP>;

// count_step sums the figures of the batch's rows into the step's slot of metrics, and raises the
// counter. The lanes of one workgroup call it together. Each lane sums every WORKGROUP-th row; then
// pairs of lanes add up. Epochs count modulo 2^32, a multiple of EPOCHS.
fn count_step(lane: u32) {
  var sum = vec2<f32>(0.0);
  for (var n = lane; n < N; n += WORKGROUP) {
    sum += tally[n];
  }
  sums[lane] = sum;
  workgroupBarrier();
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    if lane < half {
      sums[lane] += sums[lane + half];
    }
    workgroupBarrier();
  }
  if lane == 0u {
    tally[N + slot()] = vec2<f32>(sums[0].x / f32(rows(counter[2], N, COUNT)), sums[0].y);
    let last = counter[2] + 1u == STEPS;
    counter[1] = counter[3] + select(0u, 1u, last);
    counter[0] = select(counter[2] + 1u, 0u, last);
  }
}
