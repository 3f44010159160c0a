// sgd: ends a training step by stochastic gradient descent. f32.
//
//   binding  name     shape                                      update
//   0        blocks   BLOCKS blocks, places behind them          read
//   1        parts    parts of all gradients                     read
//   2        w        all parameters                             read_write
//   3        state    as w: the momentum buffer                  read_write
//   4        rates    (EPOCHS, STEPS, GROUPS)                    read
//   5        tally    losses (N, 2), metrics (EPOCHS, STEPS, 2)  read_write
//   6        counter  (6)                                        read_write
//   7        packed   copies of w in other orders, if PACKED     write
//
// Constants from the host: MOMENTUM (f32); NESTEROV; DECAY tells whether any group decays; N rows a
// batch, an epoch has COUNT in STEPS batches; EPOCHS are held in rates and metrics; GROUPS of
// parameters; BLOCKS VALUES PACKED CLIP FACTOR LANES LOADS WORKGROUP.
//
//   g = gradient + decay w    v = MOMENTUM v + g    w = w - lr v, or w - lr (g + MOMENTUM v) with NESTEROV
//
// Rates are (lr, decay, 0, 0) by step and group. The gradient is the sum of its parts. Each
// workgroup updates a block of up to VALUES neighbouring values of one tensor, and their packed copies.
// The workgroup behind the last block counts the step.

#import count_step
#import sgd_rule
#import update_block

@group(0) @binding(0) var<storage, read> blocks: array<u32>;
@group(0) @binding(1) var<storage, read> parts: array<f32>;
@group(0) @binding(2) var<storage, read_write> w: array<f32>;
@group(0) @binding(3) var<storage, read_write> state: array<f32>;
@group(0) @binding(4) var<storage, read> rates: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> tally: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read_write> counter: array<u32>;
@group(0) @binding(7) var<storage, read_write> packed: array<f32>;

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
