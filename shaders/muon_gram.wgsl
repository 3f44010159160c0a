// muon_gram: A = X X' of every matrix of Muon. f32.
//
//   binding  name   shape               gram
//   0        tiles  one per workgroup   read
//   1        x      the matrices X      read
//   2        a      A of each           write
//
// Constants from the host: QUADS, PITCH = QUADS + 1, STAGED = 16 * PITCH; SHARES, WORKGROUP = 64 * SHARES; TILES.
//
// A workgroup computes 8 x 8 values of A, and those of the mirrored tile, because A is symmetric. It copies QUADS
// quads of columns, of 8 rows and of 8 more, to its memory at a time. PITCH lays neighbouring rows in other banks.
// SHARES invocations share a sum: each takes every SHARES-th quad.

#import matrix_tiles

@group(0) @binding(0) var<storage, read> tiles: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> a: array<f32>;

const SIDE = 8u;

var<workgroup> staged: array<vec4<f32>, STAGED>;
var<workgroup> shares: array<f32, WORKGROUP>;

// stage copies the chunk from column k on, 0 beyond the matrix.
fn stage(tile: Tile, k: u32, lane: u32) {
  for (var i = lane; i < 2u * SIDE * QUADS; i += WORKGROUP) {
    let line = i / QUADS;
    let row = line % SIDE + select(tile.row, tile.column, line >= SIDE);
    let column = k + i % QUADS * 4u;
    var quad: vec4<f32>;
    @unroll for (var j = 0u; j < 4u; j++) {
      if row < tile.rows && column + j < tile.columns {
        quad[j] = x[tile.first + row * tile.row_step + (column + j) * tile.column_step];
      }
    }
    staged[line * PITCH + i % QUADS] = quad;
  }
}

@compute @workgroup_size(WORKGROUP)
fn gram(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number < TILES {
    let tile = tile_at(number);
    let left = lane % SIDE;
    let right = lane / SIDE % SIDE;
    let share = lane / (SIDE * SIDE);
    var sums: vec4<f32>;
    for (var k = 0u; k < tile.columns; k += 4u * QUADS) {
      stage(tile, k, lane);
      workgroupBarrier();
      for (var quad = share; quad < QUADS; quad += SHARES) {
        sums += staged[left * PITCH + quad] * staged[(SIDE + right) * PITCH + quad];
      }
      workgroupBarrier();
    }
    shares[lane] = sums.x + sums.y + sums.z + sums.w;
    workgroupBarrier();
    let i = tile.row + left;
    let j = tile.column + right;
    if share == 0u && i < tile.rows && j < tile.rows {
      var sum = 0.0;
      @unroll for (var other = 0u; other < SHARES; other++) {
        sum += shares[lane + other * SIDE * SIDE];
      }
      a[tile.square + i * tile.rows + j] = sum;
      if tile.row != tile.column {
        a[tile.square + j * tile.rows + i] = sum;
      }
    }
  }
}
