// head: the end of a classifier in one kernel: a pool, the linear layer, softmax cross-entropy,
// and their gradients. A workgroup computes an image. f32.
//
//   binding  name      shape                         logits  forward  forward_backward
//   0        x         (N, SIZE), maps (C, H, W)     read    read     read
//   1        params    weight (CLASSES, IN), bias    read    read     read
//   2        targets   (N), see soft_targets         -       read     read
//   3        counter   (6)                           -       read     read
//   4        losses    (N, 2): loss, 1 where right   -       write    write
//   5        features  (N, IN)                       -       -        write
//   6        dlogits   (N, CLASSES)                  -       -        write
//   7        dx        as x                          -       -        write
//   8        y         (N, CLASSES), the logits      write   -        -
//
// Constants from the host: N; COUNT rows of an epoch. An image has SIZE values,
// which are MAPS maps; the part classifier has more constants. MASK zeroes dx where x is not above
// 0, for an x that a ReLU made. logits takes neither N, COUNT nor MASK.
//
// If STAGED, the workgroup copies CHUNK maps at a time to its memory, where the pool reads them.
// STAGE is CHUNK * PITCH there, else 1. An odd PITCH lets neighbouring invocations, which read
// neighbouring maps, use different banks of that memory.
//
// The parts pooling and softmax have the formulas. A Linear's backward_weight computes the gradient
// of params from features and dlogits.

#import classifier
#import rows
#import shut

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> params: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read> counter: array<u32>;
@group(0) @binding(4) var<storage, read_write> losses: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read_write> features: array<f32>;
@group(0) @binding(6) var<storage, read_write> dlogits: array<f32>;
@group(0) @binding(7) var<storage, read_write> dx: array<f32>;
@group(0) @binding(8) var<storage, read_write> y: array<f32>;

var<workgroup> maps: array<f32, STAGE>; // CHUNK x PITCH

fn pixel(i: u32) -> f32 {
  if STAGED {
    return maps[i];
  }
  return x[i];
}

// pool_image writes the features of image n to pooled.
fn pool_image(n: u32, lane: u32) {
  if POOL == 0u {
    for (var f = lane; f < IN; f += WORKGROUP) {
      pooled[f] = x[n * IN + f];
    }
  } else if STAGED {
    for (var first = 0u; first < MAPS; first += CHUNK) {
      let count = min(CHUNK, MAPS - first);
      for (var i = lane; i < count * (H * W); i += WORKGROUP) {
        maps[i / (H * W) * PITCH + i % (H * W)] = x[n * SIZE + first * (H * W) + i];
      }
      workgroupBarrier();
      pool(first, count, 0u, lane);
      workgroupBarrier();
    }
  } else {
    pool(0u, MAPS, n * SIZE, lane);
  }
}

// classify_image writes the logits of image n to row_logits.
fn classify_image(n: u32, lane: u32) {
  pool_image(n, lane);
  classify(lane);
}

// store writes the gradient of value i of image n.
fn store(n: u32, i: u32, gradient: f32) {
  var value = gradient;
  if MASK {
    value = select(value, 0.0, shut(x[n * SIZE + i]));
  }
  dx[n * SIZE + i] = value;
}

@compute @workgroup_size(WORKGROUP)
fn logits(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let n = group.x;
  classify_image(n, lane);
  for (var j = lane; j < CLASSES; j += WORKGROUP) {
    y[n * CLASSES + j] = row_logits[j];
  }
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let n = group.x;
  classify_image(n, lane);
  if lane == 0u {
    losses[n] = figures(n, softmax(n, CLASSES), targets[n], rows(counter[0], N, COUNT));
  }
}

@compute @workgroup_size(WORKGROUP)
fn forward_backward(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let n = group.x;
  classify_image(n, lane);
  go_back(n, targets[n], rows(counter[0], N, COUNT), lane);
  for (var i = lane; i < SIZE; i += WORKGROUP) {
    store(n, i, map_gradient(i));
  }
}
