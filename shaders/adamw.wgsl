// adamw: ends a training step by Adam with decoupled weight decay. f32.
//
//   binding  name     shape                                      update
//   0        blocks   BLOCKS blocks, places behind them          read
//   1        parts    parts of all gradients                     read
//   2        w        all parameters                             read_write
//   3        state    (2, STRIDE): exp_avg and exp_avg_sq, as w  read_write
//   4        rates    (EPOCHS, STEPS, GROUPS)                    read
//   5        tally    losses (N, 2), metrics (EPOCHS, STEPS, 2)  read_write
//   6        counter  (6)                                        read_write
//   7        packed   copies of w in other orders, if PACKED     write
//
// Constants from the host: BETA1, BETA2, REST1 = 1 - BETA1, REST2 = 1 - BETA2, EPS (all f32); STRIDE;
// N rows a batch, an epoch has COUNT in STEPS batches; EPOCHS are held in rates and metrics; GROUPS
// of parameters; BLOCKS VALUES PACKED CLIP FACTOR LANES LOADS WORKGROUP.
//
//   m = BETA1 m + REST1 g    v = BETA2 v + REST2 g^2
//   w = (1 - lr decay) w - lr m / (1 - BETA1^t) / (sqrt(v / (1 - BETA2^t)) + EPS)
//
// t counts the steps from 1. Rates are (lr, lr decay, lr / (1 - BETA1^t), 1 / sqrt(1 - BETA2^t)) by
// step and group. The host computes them in float64. The gradient g is the sum of its parts. Each
// workgroup updates a block of up to VALUES neighbouring values of one tensor, and their packed copies.
// The workgroup behind the last block counts the step.

#import count_step
#import update_block

@group(0) @binding(0) var<storage, read> blocks: array<u32>;
@group(0) @binding(1) var<storage, read> parts: array<f32>;
@group(0) @binding(2) var<storage, read_write> w: array<f32>;
@group(0) @binding(3) var<storage, read_write> state: array<f32>;
@group(0) @binding(4) var<storage, read> rates: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> tally: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read_write> counter: array<u32>;
@group(0) @binding(7) var<storage, read_write> packed: array<f32>;

struct Value {
  w: f32,
  m: f32,
  v: f32,
}

fn load(i: u32) -> Value {
  return Value(w[i], state[i], state[STRIDE + i]);
}

fn store(i: u32, value: Value) {
  w[i] = value.w;
  state[i] = value.m;
  state[STRIDE + i] = value.v;
}

fn descend(value: Value, g: f32, rate: vec4<f32>) -> Value {
  let m = BETA1 * value.m + REST1 * g;
  let v = BETA2 * value.v + REST2 * g * g;
  return Value(value.w - (rate.y * value.w + rate.z * m / (sqrt(v) * rate.w + EPS)), m, v);
}

@compute @workgroup_size(WORKGROUP)
fn update(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
          @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number < BLOCKS {
    update_block(block_at(number), lane);
  } else if number == BLOCKS {
    count_step(lane);
  }
}
