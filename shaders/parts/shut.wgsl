// shut tells whether a ReLU is shut, that is, whether value <= 0. A NaN passes a ReLU. The test
// looks at the bits, because a compiler may rewrite a comparison as if there were no NaN.
fn shut(value: f32) -> bool {
  return (bitcast<i32>(value) <= 0) & (bitcast<u32>(value) <= 0xff800000u);
}
