// count: ends a step that changes no parameters. f32.
//
//   binding  name     shape                count
//   0        losses   (N, 2): loss, right  read
//   1        counter  (4)                  read_write
//   2        metrics  (EPOCHS, STEPS, 2)   write
//
// Constants from the host: N rows a batch, an epoch has COUNT in STEPS batches; EPOCHS are held in
// metrics; WORKGROUP.

#import count_step

@group(0) @binding(0) var<storage, read> losses: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read_write> counter: array<u32>;
@group(0) @binding(2) var<storage, read_write> metrics: array<vec2<f32>>;

@compute @workgroup_size(WORKGROUP)
fn count(@builtin(local_invocation_index) lane: u32) {
  count_step(lane);
}
