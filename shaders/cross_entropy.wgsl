// cross_entropy: softmax cross-entropy of a batch, its gradient, and the step's
// metrics. f32.
//
//   binding  name     shape                          forward     forward_backward
//   0        logits   (N, CLASSES)                   read        read
//   1        targets  (N)                            read        read
//   2        counter  (1)                            read_write  read_write
//   3        metrics  (RING, 2): loss, correct rows  write       write
//   4        dlogits  (N, CLASSES)                   -           write
//
// Constants from the host: N CLASSES; an epoch has COUNT rows in STEPS batches;
// RING slots of metrics; WORKGROUP, a power of two. One workgroup.
//
//   loss = mean over rows of log(sum over j of exp(logits[j])) - logits[targets]
//   dlogits = (softmax(logits) - onehot(targets)) / rows
//
// The last batch of an epoch has rows < N: its mean is over those, and the
// gradient of the others is 0. The counter, the number of this step, selects the
// slot and is raised by one. The first of equal logits is the predicted class.

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read_write> counter: array<u32>;
@group(0) @binding(3) var<storage, read_write> metrics: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> dlogits: array<f32>;

var<workgroup> sums: array<vec2<f32>, WORKGROUP>;

// unseen returns n, the bound of a loop, so that no compiler can know it: with small
// bounds in sight some drivers unroll every loop, and take long over it.
fn unseen(n: u32) -> u32 {
  return select(0u, n, arrayLength(&logits) > 0u);
}

fn rows(step: u32) -> u32 {
  return min(N, COUNT - step % STEPS * N);
}

// peak returns the class of a row's greatest logit.
fn peak(n: u32) -> u32 {
  var best = 0u;
  for (var j = 1u; j < unseen(CLASSES); j++) {
    if logits[n * CLASSES + j] > logits[n * CLASSES + best] {
      best = j;
    }
  }
  return best;
}

// exp_sum returns the sum of exp(logits - top) over a row.
fn exp_sum(n: u32, top: f32) -> f32 {
  var sum = 0.0;
  for (var j = 0u; j < unseen(CLASSES); j++) {
    sum += exp(logits[n * CLASSES + j] - top);
  }
  return sum;
}

// measure sums loss and correct rows over the workgroup's share of the batch,
// stores them and raises the counter.
fn measure(step: u32, lane: u32) {
  var sum = vec2<f32>(0.0);
  for (var n = lane; n < rows(step); n += WORKGROUP) {
    let best = peak(n);
    let top = logits[n * CLASSES + best];
    let loss = log(exp_sum(n, top)) + (top - logits[n * CLASSES + targets[n]]);
    sum += vec2<f32>(loss, select(0.0, 1.0, best == targets[n]));
  }
  sums[lane] = sum;
  workgroupBarrier();
  for (var half = unseen(WORKGROUP) / 2u; half > 0u; half /= 2u) {
    if lane < half {
      sums[lane] += sums[lane + half];
    }
    workgroupBarrier();
  }
  if lane == 0u {
    metrics[step % RING] = vec2<f32>(sums[0].x / f32(rows(step)), sums[0].y);
    counter[0] = step + 1u; // every invocation has read it before the barriers
  }
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(local_invocation_index) lane: u32) {
  measure(counter[0], lane);
}

@compute @workgroup_size(WORKGROUP)
fn forward_backward(@builtin(local_invocation_index) lane: u32) {
  let step = counter[0];
  measure(step, lane);
  for (var n = lane; n < N; n += WORKGROUP) {
    let top = logits[n * CLASSES + peak(n)];
    let scale = 1.0 / (exp_sum(n, top) * f32(rows(step)));
    for (var j = 0u; j < unseen(CLASSES); j++) {
      let i = n * CLASSES + j;
      var gradient = exp(logits[i] - top) * scale;
      if j == targets[n] {
        gradient -= 1.0 / f32(rows(step));
      }
      dlogits[i] = select(0.0, gradient, n < rows(step));
    }
  }
}
