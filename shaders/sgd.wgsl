// sgd: ends a training step by stochastic gradient descent. f32.
//
//   binding  name     shape                                      update
//   0        blocks   one per workgroup                          read
//   1        parts    packed                                     read
//   2        w        packed                                     read_write
//   3        state    as w: the momentum buffer                  read_write
//   4        rates    (EPOCHS, STEPS, GROUPS)                    read
//   5        tally    losses (N, 2), metrics (EPOCHS, STEPS, 2)  read_write
//   6        counter  (4)                                        read_write
//
// Constants from the host: MOMENTUM (f32); NESTEROV; DECAY tells whether any group decays; N rows a
// batch, an epoch has COUNT in STEPS batches; EPOCHS are held in rates and metrics; GROUPS of
// parameters; WORKGROUP.
//
//   g = gradient + decay w    v = MOMENTUM v + g    w = w - lr v, or w - lr (g + MOMENTUM v) with NESTEROV
//
// Rates are (lr, decay, 0, 0) by step and group. The gradient is the sum of its parts. Each
// workgroup updates a block of up to WORKGROUP neighbouring values of one tensor. The workgroup
// behind the last block counts the step.

#import update_block

@group(0) @binding(0) var<storage, read> blocks: array<Block>;
@group(0) @binding(1) var<storage, read> parts: array<f32>;
@group(0) @binding(2) var<storage, read_write> w: array<f32>;
@group(0) @binding(3) var<storage, read_write> state: array<f32>;
@group(0) @binding(4) var<storage, read> rates: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> tally: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read_write> counter: array<u32>;

fn descend(i: u32, gradient: f32, rate: vec4<f32>) {
  var g = gradient;
  if DECAY {
    g += rate.y * w[i];
  }
  let v = MOMENTUM * state[i] + g;
  state[i] = v;
  if NESTEROV {
    w[i] -= rate.x * (g + MOMENTUM * v);
  } else {
    w[i] -= rate.x * v;
  }
}

@compute @workgroup_size(WORKGROUP)
fn update(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
          @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number < arrayLength(&blocks) {
    update_block(blocks[number], lane);
  } else if number == arrayLength(&blocks) {
    count_step(lane);
  }
}
