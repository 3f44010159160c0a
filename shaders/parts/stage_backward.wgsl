// stage_backward: the products of the gradient of a convolution's input for the part stage. It is
// imported under the same name. The source is the gradient of the output.
//
// Every $STRIDE-th row of a window joins a row of the target to the source: see
// conv2d_gpu_input. $MARGIN rows of memory lie before the first row of the source, and $MARGIN columns
// before the first column. A run reads $SPAN vec4s of a row.

// $place returns where a value of the source lies in the workgroup's memory, counted in values.
fn $place(c: u32, row: u32, column: u32) -> u32 {
  return 4u * ($SOURCE + (c * $PATCH_ROWS + row + $MARGIN) * $PIXEL_ROW) + column + $MARGIN;
}

fn $add_row(sums: ptr<function, $Sums>, lane: u32, c: u32, k: u32, step: u32) {
  @unroll for (var turn = 0u; turn < $TURNS; turn++) {
    let unit = $unit_of(lane, turn);
    let u = (unit.row + $PAD) % $STRIDE + step * $STRIDE;
    if u < $KERNEL {
      let line = c * $PATCH_ROWS + (unit.row + $PAD) / $STRIDE + $MARGIN - step;
      let first = $SOURCE + line * $PIXEL_ROW + unit.run * ($RUN / $STRIDE / 4u);
      let filter_row = $filter_row(k, u, unit.four);
      var value: array<vec4<f32>, $SPAN>;
      @unroll for (var q = 0u; q < $SPAN; q++) {
        value[q] = memory[first + q];
      }
      var weight: array<vec4<f32>, $KERNEL>;
      @unroll for (var v = 0u; v < $KERNEL; v++) {
        weight[v] = memory[filter_row + v];
      }
      @unroll for (var j = 0u; j < $RUN; j++) {
        // Only every $STRIDE-th column of the window meets this column of the target.
        @unroll for (var t = 0u; t < ($KERNEL + $STRIDE - 1u - (j + $PAD) % $STRIDE) / $STRIDE; t++) {
          (*sums)[turn][j] += weight[(j + $PAD) % $STRIDE + t * $STRIDE] * value[((j + $PAD) / $STRIDE + $MARGIN - t) / 4u][((j + $PAD) / $STRIDE + $MARGIN - t) % 4u];
        }
      }
    }
  }
}
