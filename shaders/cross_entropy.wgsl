// cross_entropy: softmax cross-entropy of each row of a batch, and its gradient. f32.
//
//   binding  name     shape                         forward  forward_backward
//   0        logits   (N, CLASSES)                  read     read
//   1        targets  (N), see soft_targets         read     read
//   2        counter  (6)                           read     read
//   3        losses   (N, 2): loss, 1 where right   write    write
//   4        dlogits  (N, CLASSES)                  -        write
//
// Constants from the host: N CLASSES; COUNT rows of an epoch; WORKGROUP; those of the
// parts softmax and soft_targets.
//
// The part softmax has the formulas. The counter is the number of this step, and tells how many
// rows are real. An invocation computes a row.

#import rows
#import slow_unrolling
#import softmax

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> counter: array<u32>;
@group(0) @binding(3) var<storage, read_write> losses: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> dlogits: array<f32>;

fn bound_length() -> u32 {
  return arrayLength(&logits);
}

fn logit(n: u32, j: u32) -> f32 {
  return logits[n * CLASSES + j];
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let n = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if n < N {
    losses[n] = figures(n, softmax(n, unseen(CLASSES)), targets[n], rows(counter[0], N, COUNT));
  }
}

@compute @workgroup_size(WORKGROUP)
fn forward_backward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                    @builtin(local_invocation_index) lane: u32) {
  let n = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if n >= N {
    return;
  }
  let row = softmax(n, unseen(CLASSES));
  let count = rows(counter[0], N, COUNT);
  losses[n] = figures(n, row, targets[n], count);
  let scale = 1.0 / (row.sum * f32(count));
  for (var j = 0u; j < unseen(CLASSES); j++) {
    dlogits[n * CLASSES + j] = logit_gradient(n, j, exp(logit(n, j) - row.top) * scale, targets[n], count);
  }
}
