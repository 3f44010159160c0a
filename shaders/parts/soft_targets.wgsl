// soft_targets: the cross-entropy of a row whose target is a share of each class, and its gradient.
//
//   mixture = own * onehot(label) + (1 - own) * onehot(label of the partner)
//   share[j] = weight[j] * ((1 - SMOOTHING) * mixture[j] + SMOOTHING / CLASSES)
//   loss = scale * sum over j of share[j] * -log(softmax(logit)[j])
//   gradient[j] = scale * (softmax(logit)[j] * (sum of the shares) - share[j]) / count
//
// The partner of row n of a step is row count - 1 - n. The part softmax imports this part, which needs
// the constants SMOOTHING and TERMS besides. If TERMS, the importing file has the constant N and binds
//
//   targets: array<u32>   the labels of N rows, and behind them, as the bits of f32: own, scale,
//                         the mean of the weights, and CLASSES weights
//
// Otherwise these terms are 1.

@if(SOFT) @if(TERMS) fn term(i: u32) -> f32 {
  return bitcast<f32>(targets[N + i]);
}

@if(SOFT) @if(!TERMS) fn term(i: u32) -> f32 {
  return 1.0;
}

@if(SOFT) fn class_weight(j: u32) -> f32 {
  return term(3u + j);
}

// partner_label returns the label of the partner of row n.
@if(SOFT) @if(TERMS) fn partner_label(n: u32, label: u32, count: u32) -> u32 {
  return targets[select(n, count - 1u - n, n < count)];
}

@if(SOFT) @if(!TERMS) fn partner_label(n: u32, label: u32, count: u32) -> u32 {
  return label;
}

// surprise returns -log(softmax(logit)[j]) of row n, times the weight of class j.
@if(SOFT) fn surprise(n: u32, row: Softmax, j: u32) -> f32 {
  return class_weight(j) * (log(row.sum) + (row.top - logit(n, j)));
}

// soft_loss leaves out a term whose factor is 0, because the logit of its class may be infinite.
@if(SOFT) fn soft_loss(n: u32, row: Softmax, label: u32, partner: u32) -> f32 {
  let own = term(0u);
  let first = select(0.0, own * surprise(n, row, label), own > 0.0);
  let other = select(0.0, (1.0 - own) * surprise(n, row, partner), own < 1.0);
  let even = select(0.0, SMOOTHING * (term(2u) * log(row.sum) + row.rest / f32(CLASSES)), SMOOTHING > 0.0);
  return term(1u) * ((1.0 - SMOOTHING) * (first + other) + even);
}

@if(SOFT) fn figures(n: u32, row: Softmax, label: u32, count: u32) -> vec2<f32> {
  let loss = soft_loss(n, row, label, partner_label(n, label, count));
  return select(vec2<f32>(0.0), vec2<f32>(loss, select(0.0, 1.0, row.best == label)), n < count);
}

@if(SOFT) fn logit_gradient(n: u32, j: u32, share: f32, label: u32, count: u32) -> f32 {
  let own = term(0u);
  let partner = partner_label(n, label, count);
  let mixture = select(0.0, own, j == label) + select(0.0, 1.0 - own, j == partner);
  let target_share = class_weight(j) * ((1.0 - SMOOTHING) * mixture + SMOOTHING / f32(CLASSES));
  let total = (1.0 - SMOOTHING) * (own * class_weight(label) + (1.0 - own) * class_weight(partner)) + SMOOTHING * term(2u);
  return select(0.0, term(1u) * (share * total - target_share / f32(count)), n < count);
}
