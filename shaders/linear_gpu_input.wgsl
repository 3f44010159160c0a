// linear_gpu_input: the gradient of the input of an affine map on a GPU, f32.
//
//   binding  name  shape      backward_input
//   0        x     (N, IN)    read (MASK)
//   1        w     (OUT, IN)  read
//   2        dy    (N, OUT)   read
//   3        dx    (N, IN)    write
//
// Constants from the host: N IN OUT. MASK zeroes dx where x is not above 0, for an x that a ReLU
// made. WORKGROUP, and what the part product needs: dx is dy times w.

#import product
#import shut

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

fn left(row: u32, k: u32) -> f32 {
  return select(0.0, dy[select(0u, row * OUT + k, row < N)], row < N);
}

fn right(k: u32, column: u32) -> f32 {
  return select(0.0, w[select(0u, k * IN + column, column < IN)], column < IN);
}

fn store(part: u32, row: u32, column: u32, sum: f32) {
  if (row >= N) | (column >= IN) {
    return;
  }
  var value = sum;
  if MASK {
    value = select(value, 0.0, shut(x[row * IN + column]));
  }
  dx[row * IN + column] = value;
}

@compute @workgroup_size(WORKGROUP)
fn backward_input(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                  @builtin(local_invocation_index) lane: u32) {
  product(group.y * groups.x + group.x, lane);
}
