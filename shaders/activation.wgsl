// activation: the smooth activations SiLU and GELU, and their gradients, element by element, f32.
//
//   binding  name  shape   forward  backward
//   0        x     (SIZE)  read     read
//   1        y     (SIZE)  write    -
//   2        dy    (SIZE)  -        read
//   3        dx    (SIZE)  -        write
//
// Constants from the host: GELU QUADS SIZE WORKGROUP. An invocation computes one value, or four
// neighbours if QUADS. SIZE counts values, or fours.
//
//   y = x gate(x)
//   dx = dy (gate(x) + x gate'(x))
//
// The gate of SiLU is the logistic function. The gate of GELU is the distribution function of the
// normal distribution. Far from 0 a gate is exactly 0 or 1, and its slope is 0. So an infinite x gives
// what PyTorch gives: y is infinity or NaN, and dx is NaN. NaN stays NaN.

@if(QUADS) alias Values = vec4<f32>;
@if(!QUADS) alias Values = f32;

@group(0) @binding(0) var<storage, read> x: array<Values>;
@group(0) @binding(1) var<storage, read_write> y: array<Values>;
@group(0) @binding(2) var<storage, read> dy: array<Values>;
@group(0) @binding(3) var<storage, read_write> dx: array<Values>;

struct Gate {
  value: Values,
  slope: Values,
}

// logistic returns the gate of SiLU. Beyond 88, e^-z is less than every normal f32.
fn logistic(x: Values) -> Gate {
  let z = min(abs(x), Values(89.0));
  let e = select(exp(-z), Values(0.0), z > Values(88.0));
  let most = Values(1.0) / (Values(1.0) + e);
  return Gate(select(e * most, most, x >= Values(0.0)), e * most * most);
}

// normal returns the gate of GELU, with an error of up to 7.5e-8: Abramowitz and Stegun, Handbook of
// Mathematical Functions, 26.2.17. Beyond 14, the density is less than every normal f32.
fn normal(x: Values) -> Gate {
  let z = min(abs(x), Values(15.0));
  let density = select(0.3989422804 * exp(-0.5 * z * z), Values(0.0), z > Values(14.0));
  let t = Values(1.0) / (Values(1.0) + 0.2316419 * z);
  let tail = density * t * (Values(0.319381530) + t * (Values(-0.356563782) + t * (Values(1.781477937) + t * (Values(-1.821255978) + t * 1.330274429))));
  return Gate(select(tail, Values(1.0) - tail, x >= Values(0.0)), density);
}

fn gate_at(x: Values) -> Gate {
  if GELU {
    return normal(x);
  }
  return logistic(x);
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i < SIZE {
    y[i] = x[i] * gate_at(x[i]).value;
  }
}

@compute @workgroup_size(WORKGROUP)
fn backward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
            @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * groups.x + group.x) * WORKGROUP + lane;
  if i < SIZE {
    let gate = gate_at(x[i]);
    dx[i] = dy[i] * (gate.value + x[i] * gate.slope);
  }
}
