// tree_sum: the sum of a value of each lane. The importing file has the constant WORKGROUP, a power of two.

var<workgroup> tree: array<f32, WORKGROUP>;

// tree_sum returns the sum to all lanes of a workgroup, which call it together. Pairs of lanes add up.
fn tree_sum(value: f32, lane: u32) -> f32 {
  tree[lane] = value;
  workgroupBarrier();
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    if lane < half {
      tree[lane] += tree[lane + half];
    }
    workgroupBarrier();
  }
  let sum = tree[0];
  workgroupBarrier(); // before the next sum
  return sum;
}
