// head: the end of a classifier in one kernel: a pool, the linear layer, softmax cross-entropy,
// and their gradients. A workgroup computes an image. f32.
//
//   binding  name      shape                         logits  forward  forward_backward
//   0        x         (N, SIZE), maps (C, H, W)     read    read     read
//   1        params    weight (CLASSES, IN), bias    read    read     read
//   2        targets   (N)                           -       read     read
//   3        counter   (4)                           -       read     read
//   4        losses    (N, 2): loss, 1 where right   -       write    write
//   5        features  (N, IN)                       -       -        write
//   6        dlogits   (N, CLASSES)                  -       -        write
//   7        dx        as x                          -       -        write
//   8        y         (N, CLASSES), the logits      write   -        -
//
// Constants from the host: N CLASSES; COUNT rows and STEPS batches of an epoch. POOL is 1 for an
// average, 2 for a maximum, 0 for no pool. The pool makes IN features of the SIZE values of an
// image, which are MAPS maps; the part pooling has its constants. BIAS is the index of the bias in
// params. MASK zeroes dx where x is not above 0, for an x that a ReLU made. PLACES is IN for a
// maximum, else 1. PARTS invocations share the sum of a class; SHARES is CLASSES * PARTS.
// WORKGROUP. logits takes neither N, COUNT, STEPS nor MASK.
//
// If STAGED, the workgroup copies CHUNK maps at a time to its memory, where the pool reads them.
// STAGE is CHUNK * PITCH there, else 1. An odd PITCH lets neighbouring invocations, which read
// neighbouring maps, use different banks of that memory.
//
// The parts pooling and softmax have the formulas. A Linear's backward_weight computes the gradient
// of params from features and dlogits.

#import pooling
#import rows
#import shut
#import softmax

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> params: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read> counter: array<u32>;
@group(0) @binding(4) var<storage, read_write> losses: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read_write> features: array<f32>;
@group(0) @binding(6) var<storage, read_write> dlogits: array<f32>;
@group(0) @binding(7) var<storage, read_write> dx: array<f32>;
@group(0) @binding(8) var<storage, read_write> y: array<f32>;

var<workgroup> pooled: array<f32, IN>; // and their gradients later
var<workgroup> places: array<u32, PLACES>; // of the maxima within their maps
var<workgroup> maps: array<f32, STAGE>; // CHUNK x PITCH
var<workgroup> parts: array<f32, SHARES>; // CLASSES x PARTS, and the logits' gradient later
var<workgroup> row_logits: array<f32, CLASSES>;

// logit is called for the workgroup's own image alone.
fn logit(n: u32, j: u32) -> f32 {
  return row_logits[j];
}

fn pixel(i: u32) -> f32 {
  if STAGED {
    return maps[i];
  }
  return x[i];
}

fn window_gradient(i: u32) -> f32 {
  return pooled[i];
}

fn window_place(i: u32) -> u32 {
  return places[i % PLACES];
}

// pool computes the features of `count` maps, from map `first` on. Map `first` begins at
// pixel(start).
fn pool(first: u32, count: u32, start: u32, lane: u32) {
  for (var i = lane; i < count * (OH * OW); i += WORKGROUP) {
    let f = first * (OH * OW) + i;
    if POOL == 1u {
      pooled[f] = average(start, i);
    } else {
      let best = maximum(start, i);
      pooled[f] = best.value;
      places[f % PLACES] = best.place;
    }
  }
}

// read writes the features of image n to pooled.
fn read(n: u32, lane: u32) {
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

// classify writes the features of image n to pooled, and its logits to row_logits.
fn classify(n: u32, lane: u32) {
  read(n, lane);
  workgroupBarrier();
  for (var t = lane; t < SHARES; t += WORKGROUP) {
    let j = t / PARTS;
    var sum = 0.0;
    for (var f = t % PARTS; f < IN; f += PARTS) {
      sum += params[j * IN + f] * pooled[f];
    }
    parts[t] = sum;
  }
  workgroupBarrier();
  for (var j = lane; j < CLASSES; j += WORKGROUP) {
    var sum = params[BIAS + j];
    for (var part = 0u; part < PARTS; part++) {
      sum += parts[j * PARTS + part];
    }
    row_logits[j] = sum;
  }
  workgroupBarrier();
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
  classify(n, lane);
  for (var j = lane; j < CLASSES; j += WORKGROUP) {
    y[n * CLASSES + j] = row_logits[j];
  }
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let n = group.x;
  classify(n, lane);
  if lane == 0u {
    losses[n] = figures(n, softmax(n, CLASSES), targets[n], rows(counter[0], N, COUNT, STEPS));
  }
}

@compute @workgroup_size(WORKGROUP)
fn forward_backward(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let n = group.x;
  classify(n, lane);
  let row = softmax(n, CLASSES);
  let count = rows(counter[0], N, COUNT, STEPS);
  if lane == 0u {
    losses[n] = figures(n, row, targets[n], count);
  }
  for (var j = lane; j < CLASSES; j += WORKGROUP) {
    let value = logit_gradient(n, j, exp(logit(n, j) - row.top) / (row.sum * f32(count)), targets[n], count);
    parts[j] = value;
    dlogits[n * CLASSES + j] = value;
  }
  workgroupBarrier();
  for (var f = lane; f < IN; f += WORKGROUP) {
    features[n * IN + f] = pooled[f];
    var sum = 0.0;
    for (var j = 0u; j < CLASSES; j++) {
      sum += params[j * IN + f] * parts[j];
    }
    if POOL == 0u {
      store(n, f, sum);
    } else {
      pooled[f] = sum;
    }
  }
  if POOL != 0u {
    workgroupBarrier();
    for (var i = lane; i < SIZE; i += WORKGROUP) {
      if POOL == 1u {
        store(n, i, average_gradient(i));
      } else {
        store(n, i, maximum_gradient(i));
      }
    }
  }
}
