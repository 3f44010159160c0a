// count: ends a step that changes no parameters. f32.
//
//   binding  name     shape                count
//   0        losses   (N, 2): loss, right  read
//   1        counter  (4)                  read_write
//   2        metrics  (EPOCHS, STEPS, 2)   write
//
// Constants from the host: N rows a batch, an epoch has COUNT in STEPS batches; EPOCHS are held in
// metrics; WORKGROUP.

@group(0) @binding(0) var<storage, read> losses: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read_write> counter: array<u32>;
@group(0) @binding(2) var<storage, read_write> metrics: array<vec2<f32>>;

var<workgroup> sums: array<vec2<f32>, WORKGROUP>;

// slot returns the place of the step in rates and metrics.
fn slot() -> u32 {
  return counter[3] % EPOCHS * STEPS + counter[2];
}

// count_step sums the figures of the batch's rows into the step's slot of metrics, and raises
// the counter. A workgroup shares the sum: each lane adds every WORKGROUP-th row, then pairs of lanes
// add up.
fn count_step(lane: u32) {
  var sum = vec2<f32>(0.0);
  for (var n = lane; n < N; n += WORKGROUP) {
    sum += losses[n];
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
    metrics[slot()] = vec2<f32>(sums[0].x / f32(rows(counter[2], N, COUNT, STEPS)), sums[0].y);
    let last = counter[2] + 1u == STEPS;
    counter[1] = counter[3] + select(0u, 1u, last);
    counter[0] = select(counter[2] + 1u, 0u, last);
  }
}

@compute @workgroup_size(WORKGROUP)
fn count(@builtin(local_invocation_index) lane: u32) {
  count_step(lane);
}
