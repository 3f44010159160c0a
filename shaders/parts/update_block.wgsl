// update_block: what the files of all optimisers have in common.
//
// The importing file binds what blocks and count_step need, and
// `rates: array<vec4<f32>>`, by step and group. It has the constants of both, and GROUPS. It defines
//
//   struct Value { w: f32, ... }                 a parameter and its state
//   fn load(i: u32) -> Value
//   fn store(i: u32, value: Value)
//   fn descend(value: Value, gradient: f32, rate: vec4<f32>) -> Value   moves it along its gradient

#import blocks
#import count_step

// update_block changes the parameters of a block. All lanes of a workgroup call it
// together. What a lane needs besides the parts is loaded first, so that all loads run side by side.
fn update_block(block: Block, lane: u32) {
  let i = block.first + lane;
  var value: Value;
  var rate: vec4<f32>;
  if lane < block.count {
    value = load(i);
    rate = rates[slot() * GROUPS + block.group];
  }
  let gradient = total(block, lane);
  if lane < block.count {
    value = descend(value, gradient, rate);
    store(i, value);
  }
}
