// linear_gpu_weight: the gradients of the weight and the bias of an affine map on a GPU, f32.
//
//   binding  name   shape                                             backward_weight
//   0        x      (N, IN)                                           read
//   1        dy     (N, OUT)                                          read
//   2        parts  from DW: (PARTS, OUT, IN); from DB: (PARTS, OUT)  write
//
// Constants from the host: N IN OUT. WORKGROUP, and what the part product needs: dw is the transpose
// of dy times x. Column IN of the product is db: its input is 1. The batch is divided into PARTS
// parts of PART rows. Each part has its own dw and db; the optimiser sums them.

#import product

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> parts: array<f32>;

fn left(row: u32, k: u32) -> f32 {
  return select(0.0, dy[select(0u, k * OUT + row, row < OUT)], row < OUT);
}

fn right(k: u32, column: u32) -> f32 {
  let value = x[select(0u, k * IN + column, column < IN)];
  return select(select(0.0, 1.0, column == IN), value, column < IN);
}

fn store(part: u32, row: u32, column: u32, sum: f32) {
  if (row >= OUT) | (column > IN) {
    return;
  }
  if column < IN {
    parts[DW + (part * OUT + row) * IN + column] = sum;
  } else {
    parts[DB + part * OUT + row] = sum;
  }
}

@compute @workgroup_size(WORKGROUP)
fn backward_weight(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                   @builtin(local_invocation_index) lane: u32) {
  product(group.y * groups.x + group.x, lane);
}
