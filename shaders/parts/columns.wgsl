// columns: rows of x and of dy in blocks of four columns.
//
// The importing file binds x and dy as array<vec4<f32>>. Rows of x have W columns, those of dy OW. X_ALIGNED
// and DY_ALIGNED say that every block is a whole vec4 of memory.

// x_at returns element i of x.
fn x_at(i: u32) -> f32 {
  return x[i / 4u][i % 4u];
}

fn dy_at(i: u32) -> f32 {
  return dy[i / 4u][i % 4u];
}

// x_block returns the columns col to col + 3 of a row of x. Column 0 of the row is element `line`.
// Columns beyond the map are 0, and so is a row that is not valid.
//
// Conditions are joined by & here: && is a branch, and an unrolled loop would have hundreds.
fn x_block(line: i32, col: i32, valid: bool) -> vec4<f32> {
  if X_ALIGNED {
    let inside = valid & (col >= 0) & (col < i32(W));
    return select(vec4<f32>(0.0), x[select(0u, u32(line + col) / 4u, inside)], inside);
  }
  var block: vec4<f32>;
  @unroll for (var i = 0u; i < 4u; i++) {
    let inside = valid & (col + i32(i) >= 0) & (col + i32(i) < i32(W));
    block[i] = select(0.0, x_at(select(0u, u32(line + col + i32(i)), inside)), inside);
  }
  return block;
}

// dy_block does the same for dy.
fn dy_block(line: i32, col: i32, valid: bool) -> vec4<f32> {
  if DY_ALIGNED {
    let inside = valid & (col >= 0) & (col < i32(OW));
    return select(vec4<f32>(0.0), dy[select(0u, u32(line + col) / 4u, inside)], inside);
  }
  var block: vec4<f32>;
  @unroll for (var i = 0u; i < 4u; i++) {
    let inside = valid & (col + i32(i) >= 0) & (col + i32(i) < i32(OW));
    block[i] = select(0.0, dy_at(select(0u, u32(line + col + i32(i)), inside)), inside);
  }
  return block;
}
