// stage_forward: the products of a forward pass for the part stage, and its bias. It is imported
// under the same name.
//
// Row u of a window belongs to phase u % $STRIDE. The rows of a phase are neighbours in memory; a
// phase has $PHASE_ROWS rows. A run reads $SPAN vec4s of a row. The bias follows the weights in
// `packed`, at $BIAS: a vec4 for each four channels.

// $place returns where a value of the source lies in the workgroup's memory, counted in values.
fn $place(c: u32, row: u32, column: u32) -> u32 {
  let line = c * $PATCH_ROWS + (row + $PAD) % $STRIDE * $PHASE_ROWS + (row + $PAD) / $STRIDE;
  return 4u * ($SOURCE + line * $PIXEL_ROW) + column + $PAD;
}

// $begin sets the sums of an invocation. The bias is part of the first share.
fn $begin(sums: ptr<function, $Sums>, lane: u32) {
  @unroll for (var turn = 0u; turn < $TURNS; turn++) {
    let bias = select(vec4<f32>(0.0), packed[$PACKED + $BIAS + $unit_of(lane, turn).four], lane < $THREADS);
    @unroll for (var j = 0u; j < $RUN; j++) {
      (*sums)[turn][j] = bias;
    }
  }
}

fn $add_row(sums: ptr<function, $Sums>, lane: u32, c: u32, k: u32, u: u32) {
  @unroll for (var turn = 0u; turn < $TURNS; turn++) {
    let unit = $unit_of(lane, turn);
    let line = c * $PATCH_ROWS + u % $STRIDE * $PHASE_ROWS + unit.row + u / $STRIDE;
    let first = $SOURCE + line * $PIXEL_ROW + unit.run * ($RUN * $STRIDE / 4u);
    let filter_row = $filter_row(k, u, unit.four);
    var value: array<vec4<f32>, $SPAN>;
    @unroll for (var q = 0u; q < $SPAN; q++) {
      value[q] = memory[first + q];
    }
    @unroll for (var v = 0u; v < $KERNEL; v++) {
      let weight = memory[filter_row + v];
      @unroll for (var j = 0u; j < $RUN; j++) {
        (*sums)[turn][j] += weight * value[(j * $STRIDE + v) / 4u][(j * $STRIDE + v) % 4u];
      }
    }
  }
}
