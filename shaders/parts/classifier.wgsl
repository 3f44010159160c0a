// classifier: the end of a classifier for one image, in the memory of one workgroup: a pool, the
// linear layer, softmax cross-entropy, and their gradients.
//
// POOL is 1 for an average, 2 for a maximum, 0 for no pool. The pool makes IN features of the maps
// of an image; the part pooling has its constants. PLACES is IN for a maximum, else 1. CLASSES. BIAS
// is the index of the bias in params. PARTS invocations share the sum of a class; SHARES is
// CLASSES * PARTS. WORKGROUP. The importing file has these constants and those of the part softmax,
// defines the function pixel of the part pooling, and binds
//
//   params: array<f32>   weight (CLASSES, IN), bias
//
// and, if it calls go_back,
//
//   losses: array<vec2<f32>>   (N): loss, 1 where right
//   features: array<f32>       (N, IN)
//   dlogits: array<f32>        (N, CLASSES)

#import pooling
#import softmax

var<workgroup> pooled: array<f32, IN>; // and their gradients later
var<workgroup> places: array<u32, PLACES>; // of the maxima within their maps
var<workgroup> parts: array<f32, SHARES>; // CLASSES x PARTS, and the logits' gradient later
var<workgroup> row_logits: array<f32, CLASSES>;

// logit is called for the workgroup's own image alone.
fn logit(n: u32, j: u32) -> f32 {
  return row_logits[j];
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

// classify writes the logits of the features in pooled to row_logits.
fn classify(lane: u32) {
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

// go_back writes the figures of image n, and the gradient of its logits. The gradient of the
// features takes their place in pooled. The step has `count` real rows.
fn go_back(n: u32, label: u32, count: u32, lane: u32) {
  let row = softmax(n, CLASSES);
  if lane == 0u {
    losses[n] = figures(n, row, label, count);
  }
  for (var j = lane; j < CLASSES; j += WORKGROUP) {
    let value = logit_gradient(n, j, exp(logit(n, j) - row.top) / (row.sum * f32(count)), label, count);
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
    pooled[f] = sum;
  }
  workgroupBarrier();
}

// map_gradient returns the gradient of value i of the maps, behind go_back.
fn map_gradient(i: u32) -> f32 {
  if POOL == 0u {
    return pooled[i];
  } else if POOL == 1u {
    return average_gradient(i);
  }
  return maximum_gradient(i);
}
