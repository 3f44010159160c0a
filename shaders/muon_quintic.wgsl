// muon_quintic: a step of Muon's iteration of every matrix, in place. f32.
//
//   binding  name   shape              quintic_step
//   0        tiles  one per workgroup  read
//   1        x      the matrices X     read_write
//   2        a      A = X X' of each   read
//
// Constants from the host: FIRST ITEMS STAGED WORKGROUP; TILES.
//
// With FIRST, x holds u and a its squares: X is u divided by its norm. That is the root of A's trace. The norm
// has 1e-7 more, so that u = 0 gives X = 0.

#import matrix_tiles
#import quintic
#import tree_sum

@group(0) @binding(0) var<storage, read> tiles: array<u32>;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;

fn scale_of(tile: Tile, lane: u32) -> Scale {
  var scale = Scale(1.0, 1.0);
  @if(FIRST) {
    var trace = 0.0;
    for (var i = lane; i < tile.rows; i += WORKGROUP) {
      trace += a[tile.square + i * (tile.rows + 1u)];
    }
    scale.x = 1.0 / (sqrt(tree_sum(trace, lane)) + 1e-7);
    scale.a = scale.x * scale.x;
  }
  return scale;
}

@compute @workgroup_size(WORKGROUP)
fn quintic_step(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,
                @builtin(local_invocation_index) lane: u32) {
  let number = group.y * groups.x + group.x;
  if number < TILES {
    let tile = tile_at(number);
    var next: Items;
    quintic(&next, tile, lane, scale_of(tile, lane));
    @unroll for (var turn = 0u; turn < ITEMS; turn++) {
      let item = item_of(tile, lane + turn * WORKGROUP);
      @unroll for (var i = 0u; i < 4u; i++) {
        if item.live && item.column + i < tile.columns {
          x[tile.first + item.row * tile.row_step + (item.column + i) * tile.column_step] = next[turn][i];
        }
      }
    }
  }
}
