// muon: begins an update by Muon: momentum for the parameters that are matrices, SGD for the others. f32.
//
//   binding  name     shape                                         update
//   0        blocks   BLOCKS blocks, places behind them             read
//   1        parts    parts of all gradients                        read
//   2        w        all parameters                                read_write
//   3        state    as w: the momentum buffer                     read_write
//   4        rates    (EPOCHS, STEPS, GROUPS)                       read
//   5        counter  (4)                                           read
//   6        packed   copies of w in other orders, if PACKED        write
//   7        x        as w: u; behind it at SQUARES: sums by block  write
//
// Constants from the host: MATRICES is the group of the matrices, MATRIX_MOMENTUM (f32) their momentum;
// MOMENTUM (f32), NESTEROV, DECAY of the others, as in sgd.wgsl; an epoch has STEPS batches; EPOCHS are held in
// rates; GROUPS of parameters; SQUARES BLOCKS VALUES PACKED CLIP FACTOR LANES LOADS WORKGROUP.
//
//   b = MATRIX_MOMENTUM b + g    u = g + MATRIX_MOMENTUM b
//
// muon_gram.wgsl, muon_quintic.wgsl and muon_apply.wgsl go on with u. A block of a matrix leaves the sum of
// the squares of its weights too.

#import sgd_rule
#import tree_sum
#import update_block

@group(0) @binding(0) var<storage, read> blocks: array<u32>;
@group(0) @binding(1) var<storage, read> parts: array<f32>;
@group(0) @binding(2) var<storage, read_write> w: array<f32>;
@group(0) @binding(3) var<storage, read_write> state: array<f32>;
@group(0) @binding(4) var<storage, read> rates: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> counter: array<u32>;
@group(0) @binding(6) var<storage, read_write> packed: array<f32>;
@group(0) @binding(7) var<storage, read_write> x: array<f32>;

// begin computes u of a block. All lanes of a workgroup call it together.
fn begin(number: u32, block: Block, lane: u32) {
  let i = block.first + lane;
  let live = lane < block.count;
  var b = 0.0;
  var weight = 0.0;
  if live {
    b = state[i];
    weight = w[i];
  }
  let g = gradient(block, lane);
  if live {
    b = MATRIX_MOMENTUM * b + g;
    state[i] = b;
    x[i] = g + MATRIX_MOMENTUM * b;
  }
  let squares = tree_sum(weight * weight, lane);
  if lane == 0u {
    x[SQUARES + number] = squares;
  }
}

@compute @workgroup_size(WORKGROUP)
fn update(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
          @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number < BLOCKS {
    let block = block_at(number);
    if block.group == MATRICES {
      begin(number, block, lane);
    } else {
      update_block(block, lane);
    }
  }
}
