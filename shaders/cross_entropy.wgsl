// cross_entropy: softmax cross-entropy of each row of a batch, and its gradient. f32.
//
//   binding  name     shape                         forward  forward_backward
//   0        logits   (N, CLASSES)                  read     read
//   1        targets  (N)                           read     read
//   2        counter  (1)                           read     read
//   3        losses   (N, 2): loss, 1 where right   write    write
//   4        dlogits  (N, CLASSES)                  -        write
//
// Constants from the host: N CLASSES; an epoch has COUNT rows in STEPS batches;
// WORKGROUP.
//
//   loss = log(sum over j of exp(logits[j])) - logits[target]
//   dlogits = (softmax(logits) - onehot(target)) / rows
//
// The last batch of an epoch has rows < N, which the counter, the number of this step,
// tells: the others have loss and gradient 0. The first of equal logits is the
// predicted class. An invocation computes a row.

#import rows
#import slow_unrolling

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> counter: array<u32>;
@group(0) @binding(3) var<storage, read_write> losses: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> dlogits: array<f32>;

fn bound_length() -> u32 {
  return arrayLength(&logits);
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

// measure stores a row's loss and whether its prediction is right.
fn measure(n: u32) {
  let best = peak(n);
  let top = logits[n * CLASSES + best];
  let loss = log(exp_sum(n, top)) + (top - logits[n * CLASSES + targets[n]]);
  losses[n] = select(vec2<f32>(0.0), vec2<f32>(loss, select(0.0, 1.0, best == targets[n])), n < rows(counter[0], N, COUNT, STEPS));
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let n = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if n < N {
    measure(n);
  }
}

@compute @workgroup_size(WORKGROUP)
fn forward_backward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                    @builtin(local_invocation_index) lane: u32) {
  let n = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if n >= N {
    return;
  }
  measure(n);
  let count = rows(counter[0], N, COUNT, STEPS);
  let top = logits[n * CLASSES + peak(n)];
  let scale = 1.0 / (exp_sum(n, top) * f32(count));
  for (var j = 0u; j < unseen(CLASSES); j++) {
    let i = n * CLASSES + j;
    var gradient = exp(logits[i] - top) * scale;
    if j == targets[n] {
      gradient -= 1.0 / f32(count);
    }
    dlogits[i] = select(0.0, gradient, n < count);
  }
}
