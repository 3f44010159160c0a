// shut4 tells of each of four values whether a ReLU is shut: see the part shut.
fn shut4(values: vec4<f32>) -> vec4<bool> {
  return (bitcast<vec4<i32>>(values) <= vec4<i32>(0)) & (bitcast<vec4<u32>>(values) <= vec4<u32>(0xff800000u));
}
