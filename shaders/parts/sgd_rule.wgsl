// sgd_rule: stochastic gradient descent with momentum.
//
//   g = gradient + decay w    v = MOMENTUM v + g    w = w - lr v, or w - lr (g + MOMENTUM v) with NESTEROV
//
// The importing file has the constants MOMENTUM, NESTEROV and DECAY, which tells whether any group decays, and
// binds
//
//   w: array<f32>       all parameters
//   state: array<f32>   as w: the momentum buffer

struct Value {
  w: f32,
  v: f32,
}

fn load(i: u32) -> Value {
  return Value(w[i], state[i]);
}

fn store(i: u32, value: Value) {
  w[i] = value.w;
  state[i] = value.v;
}

fn descend(value: Value, gradient: f32, rate: vec4<f32>) -> Value {
  var g = gradient;
  if DECAY {
    g += rate.y * value.w;
  }
  let v = MOMENTUM * value.v + g;
  if NESTEROV {
    return Value(value.w - rate.x * (g + MOMENTUM * v), v);
  }
  return Value(value.w - rate.x * v, v);
}
