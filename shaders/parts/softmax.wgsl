// softmax: the softmax cross-entropy of a row of CLASSES logits, and its gradient.
//
//   loss = log(sum over j of exp(logit[j])) - logit[target]
//   gradient[j] = (softmax(logit)[j] - onehot(target)[j]) / count
//
// A step has `count` real rows. The rows behind them have loss and gradient 0. The importing
// file has the constants CLASSES and SOFT, and defines
//
//   fn logit(n: u32, j: u32) -> f32   logit j of row n
//
// If SOFT, the target of a row is a share of each class. The part soft_targets has that loss.

#import is_nan
#import soft_targets

struct Softmax {
  best: u32, // the predicted class: the first of the greatest logits, or the first NaN
  top: f32,  // its logit
  sum: f32,  // of exp(logit - top)
  rest: f32, // of class_weight(j) * (top - logit[j]), if SOFT
}

// softmax takes the number of classes, so that the importing file may hide it (see slow_unrolling).
fn softmax(n: u32, classes: u32) -> Softmax {
  var row: Softmax;
  row.top = logit(n, 0u);
  for (var j = 1u; j < classes; j++) {
    let value = logit(n, j);
    if ((value > row.top) | is_nan(value)) & !is_nan(row.top) {
      row.best = j;
      row.top = value;
    }
  }
  for (var j = 0u; j < classes; j++) {
    row.sum += exp(logit(n, j) - row.top);
    @if(SOFT) {
      row.rest += class_weight(j) * (row.top - logit(n, j));
    }
  }
  return row;
}

// figures returns the loss of row n, and 1 if its prediction is right, else 0.
@if(!SOFT) fn figures(n: u32, row: Softmax, label: u32, count: u32) -> vec2<f32> {
  let loss = log(row.sum) + (row.top - logit(n, label));
  return select(vec2<f32>(0.0), vec2<f32>(loss, select(0.0, 1.0, row.best == label)), n < count);
}

// logit_gradient returns the gradient of logit j of row n. `share` is softmax(logit)[j] / count.
// The importing file computes it: by a division for each logit if every invocation has its own,
// else by one division for the row.
@if(!SOFT) fn logit_gradient(n: u32, j: u32, share: f32, label: u32, count: u32) -> f32 {
  var value = share;
  if j == label {
    value -= 1.0 / f32(count);
  }
  return select(0.0, value, n < count);
}
