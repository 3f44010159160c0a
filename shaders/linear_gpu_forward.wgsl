// linear_gpu_forward: an affine map of feature vectors on a GPU, f32.
//
//   binding  name  shape      forward
//   0        x     (N, IN)    read
//   1        w     (OUT, IN)  read
//   2        b     (OUT)      read
//   3        y     (N, OUT)   write
//
// Constants from the host: N IN OUT. RELU rectifies y. WORKGROUP, and what the part product needs:
// y is x times the transpose of w, plus b.

#import product
#import shut

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

fn left(row: u32, k: u32) -> f32 {
  return select(0.0, x[select(0u, row * IN + k, row < N)], row < N);
}

fn right(k: u32, column: u32) -> f32 {
  return select(0.0, w[select(0u, column * IN + k, column < OUT)], column < OUT);
}

fn store(part: u32, row: u32, column: u32, sum: f32) {
  if (row >= N) | (column >= OUT) {
    return;
  }
  var value = b[column] + sum;
  if RELU {
    value = select(value, 0.0, shut(value));
  }
  y[row * OUT + column] = value;
}

@compute @workgroup_size(WORKGROUP)
fn forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
           @builtin(local_invocation_index) lane: u32) {
  product(group.y * groups.x + group.x, lane);
}
