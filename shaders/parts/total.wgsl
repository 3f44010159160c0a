// total: a sum over the invocations of a workgroup.
//
// The importing file has the constant WORKGROUP: up to 16, or a multiple of 16.

var<workgroup> staged: array<vec4<f32>, WORKGROUP>;

// total returns the sum of the lanes' values, in one order. All lanes of a workgroup call it together.
// First 16 lanes sum the values of all, then each lane sums those 16: few barriers, as each costs time.
fn total(value: vec4<f32>, lane: u32) -> vec4<f32> {
  workgroupBarrier();
  staged[lane] = value;
  workgroupBarrier();
  if WORKGROUP > 16u {
    var sum = vec4<f32>(0.0);
    if lane < 16u {
      for (var i = lane; i < WORKGROUP; i += 16u) {
        sum += staged[i];
      }
    }
    workgroupBarrier();
    if lane < 16u {
      staged[lane] = sum;
    }
    workgroupBarrier();
  }
  var sum = vec4<f32>(0.0);
  for (var i = 0u; i < min(WORKGROUP, 16u); i++) {
    sum += staged[i];
  }
  return sum;
}
