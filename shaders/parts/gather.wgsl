// gather: takes the rows of a step's batch out of a data set, and turns their bytes into floats.
//
//   value = (byte / 255 - mean[c]) / deviation[c]
//
// The importing file has the constants N, CHANNELS, PIXELS, COUNT, ORDERS, LABELS, AUGMENT, MIXED and
// STEP_TERMS, with STEP_TERMS also TERMS_AT, and binds
//
//   images: array<u32>    (COUNT, CHANNELS, PIXELS) of bytes, four to a word
//   rows: array<u32>      (ORDERS, COUNT): the rows of an epoch in their order, a ring of epochs;
//                         from LABELS on the labels of the images; from TERMS_AT on two terms
//                         of each step of the epochs, see soft_targets
//   counter: array<u32>   (6), read_write: the next step within its epoch, and its epoch; the same
//                         of the step on its way; the seed, low word first
//   moments: array<f32>   (2, CHANNELS): mean, deviation
//
// A part of these functions needs a part of the bindings: begin_step and batch_rows only counter;
// batch_row and batch_label also rows; pixel_value and pixel_quad images and moments.
//
// If AUGMENT, the images change as the part augment says. The numbers of the rows in the data set stand
// in `rows` from NUMBERS on if NUMBERED, because the images are those of a ring. Otherwise they are the
// indices. The file has the constants NUMBERED, NUMBERS and those of that part.
//
// If MIXED, which needs STEP_TERMS, a row is a mixture of two images of the batch. Row
// batch_rows() - 1 - n is the partner of row n, and has the label of its own image.
//
//   value = own * (value of row n) + (1 - own) * (value of its partner)

@if(AUGMENT) #import augment

@if(!AUGMENT) struct ImageRow {
  index: u32,    // in the data set; 0 if it is missing
  missing: bool, // the last batch of an epoch lacks this row
}
@if(AUGMENT) struct ImageRow {
  index: u32,
  missing: bool,
  change: Change,
}

@if(!MIXED) alias BatchRow = ImageRow;
@if(MIXED) struct BatchRow {
  image: ImageRow,
  partner: ImageRow,
  own: f32,
}

// begin_step begins the next step: it copies the counter's first two words behind them. One
// invocation of the dispatch calls it. The words that batch_row reads stay as they are.
fn begin_step() {
  counter[2] = counter[0];
  counter[3] = counter[1];
}

// image_row returns the image of row n of the next step's batch.
fn image_row(n: u32) -> ImageRow {
  let position = counter[0] * N + n; // within the epoch
  let missing = position >= COUNT;
  @if(!AUGMENT) return ImageRow(rows[counter[1] % ORDERS * COUNT + select(position, 0u, missing)], missing);
  @if(AUGMENT) return changed_row(rows[counter[1] % ORDERS * COUNT + select(position, 0u, missing)], missing);
}

@if(AUGMENT) fn changed_row(index: u32, missing: bool) -> ImageRow {
  @if(NUMBERED) let number = rows[NUMBERS + index];
  @if(!NUMBERED) let number = index;
  return ImageRow(index, missing, change_of(vec2<u32>(counter[4], counter[5]), counter[1], number));
}

// batch_row returns row n of the next step's batch. The partner of a missing row is missing too.
@if(MIXED) fn batch_row(n: u32) -> BatchRow {
  let count = batch_rows();
  return BatchRow(image_row(n), image_row(select(n, count - 1u - n, n < count)), bitcast<f32>(step_term(0u)));
}

@if(!MIXED) fn batch_row(n: u32) -> BatchRow {
  return image_row(n);
}

// batch_rows returns how many rows of the next step's batch are real.
fn batch_rows() -> u32 {
  return min(N, COUNT - counter[0] * N);
}

// batch_label returns the label of a row, and 0 if the row is missing.
fn batch_label(row: BatchRow) -> u32 {
  @if(!MIXED) let image = row;
  @if(MIXED) let image = row.image;
  return select(rows[LABELS + image.index], 0u, image.missing);
}

// step_term returns a term of the next step.
@if(STEP_TERMS) fn step_term(i: u32) -> u32 {
  let steps = (COUNT + N - 1u) / N;
  return rows[TERMS_AT + (counter[1] % ORDERS * steps + counter[0]) * 2u + i];
}

// image_value returns a pixel of channel c, and 0 if the row is missing.
fn image_value(row: ImageRow, c: u32, pixel: u32) -> f32 {
  @if(!AUGMENT) let at = (row.index * CHANNELS + c) * PIXELS + pixel;
  @if(AUGMENT) let at = (row.index * CHANNELS + c) * PIXELS + moved(row.change, pixel);
  let byte = (images[at / 4u] >> (at % 4u * 8u)) & 0xffu;
  @if(!AUGMENT) let hidden = row.missing;
  @if(AUGMENT) let hidden = row.missing | cut(row.change, pixel);
  return select((f32(byte) / 255.0 - moments[c]) / moments[CHANNELS + c], 0.0, hidden);
}

// image_quad returns four neighbouring pixels of channel c, and zeros if the row is missing. PIXELS
// and `pixel`, the first of the four, are multiples of 4.
@if(!AUGMENT) fn image_quad(row: ImageRow, c: u32, pixel: u32) -> vec4<f32> {
  let word = images[((row.index * CHANNELS + c) * PIXELS + pixel) / 4u];
  let bytes = (vec4<u32>(word) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(0xffu);
  let values = (vec4<f32>(bytes) / 255.0 - moments[c]) / moments[CHANNELS + c];
  return select(values, vec4<f32>(0.0), row.missing);
}

@if(AUGMENT) fn image_quad(row: ImageRow, c: u32, pixel: u32) -> vec4<f32> {
  return vec4<f32>(image_value(row, c, pixel), image_value(row, c, pixel + 1u), image_value(row, c, pixel + 2u), image_value(row, c, pixel + 3u));
}

// pixel_value and pixel_quad return the same of a row of the batch.
@if(!MIXED) fn pixel_value(row: BatchRow, c: u32, pixel: u32) -> f32 {
  return image_value(row, c, pixel);
}

@if(!MIXED) fn pixel_quad(row: BatchRow, c: u32, pixel: u32) -> vec4<f32> {
  return image_quad(row, c, pixel);
}

@if(MIXED) fn pixel_value(row: BatchRow, c: u32, pixel: u32) -> f32 {
  return row.own * image_value(row.image, c, pixel) + (1.0 - row.own) * image_value(row.partner, c, pixel);
}

@if(MIXED) fn pixel_quad(row: BatchRow, c: u32, pixel: u32) -> vec4<f32> {
  return row.own * image_quad(row.image, c, pixel) + (1.0 - row.own) * image_quad(row.partner, c, pixel);
}
