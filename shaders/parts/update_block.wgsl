// update_block: what the files of all optimisers have in common.
//
// The importing file binds what blocks and slot need, and
//
//   rates: array<vec4<f32>>   by step and group
//   packed: array<f32>        copies of w in other orders, if PACKED
//
// It has the constants of both, GROUPS, PACKED and CLIP. With CLIP, each gradient has one part, and parts holds a
// factor of all gradients at FACTOR. The importing file defines
//
//   struct Value { w: f32, ... }                 a parameter and its state
//   fn load(i: u32) -> Value
//   fn store(i: u32, value: Value)
//   fn descend(value: Value, gradient: f32, rate: vec4<f32>) -> Value   moves it along its gradient

#import blocks
#import slot

// gradient returns to each of the first VALUES lanes the gradient of its value. All lanes of a workgroup
// call it together.
fn gradient(block: Block, lane: u32) -> f32 {
  var sum = total(block, lane);
  @if(CLIP) {
    sum *= parts[FACTOR];
  }
  return sum;
}

// update_block changes the parameters of a block, and their copies. All lanes of a workgroup call it
// together. What a lane needs besides the parts is loaded first, so that all loads run side by side.
fn update_block(block: Block, lane: u32) {
  let i = block.first + lane;
  let live = lane < block.count;
  var value: Value;
  var rate: vec4<f32>;
  var places = vec2<u32>(NONE);
  if live {
    value = load(i);
    rate = rates[slot() * GROUPS + block.group];
    if PACKED && block.places != NONE {
      let at = BLOCKS * BLOCK_WORDS + block.places + 2u * lane;
      places = vec2<u32>(blocks[at], blocks[at + 1u]);
    }
  }
  let g = gradient(block, lane);
  if live {
    value = descend(value, g, rate);
    store(i, value);
    @if(PACKED) {
      if places.x != NONE {
        packed[places.x] = value.w;
      }
      if places.y != NONE {
        packed[places.y] = value.w;
      }
    }
  }
}
