// total: a sum over the invocations of a workgroup.
//
// The importing file has the constant WORKGROUP, a power of two.

var<workgroup> staged: array<vec4<f32>, WORKGROUP>;

// total returns the sum of the lanes' values, in one order. All lanes of a workgroup call it together.
fn total(value: vec4<f32>, lane: u32) -> vec4<f32> {
  workgroupBarrier();
  staged[lane] = value;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if lane < half {
      staged[lane] += staged[lane + half];
    }
  }
  workgroupBarrier();
  return staged[0];
}
