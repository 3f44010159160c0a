// update_block: what the files of all optimisers have in common.
//
// The importing file binds what blocks and count_step need, and `rates: array<vec4<f32>>`, by step
// and group. It has the constants of count_step and GROUPS, and defines
//
//   fn descend(i: u32, gradient: f32, rate: vec4<f32>)   moves w[i] along its gradient

#import blocks
#import count_step

// update_block changes the parameters of a block. Each lane sums the parts of one value's gradient
// and moves that value.
fn update_block(block: Block, lane: u32) {
  if lane < block.count {
    descend(block.first + lane, total(block, lane), rates[slot() * GROUPS + block.group]);
  }
}
