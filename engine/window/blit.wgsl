// blit: show a picture, pixel for pixel from the upper left corner, on white.

@group(0) @binding(0) var picture: texture_2d<f32>;

// One triangle that covers the target.
@vertex
fn cover(@builtin(vertex_index) i: u32) -> @builtin(position) vec4<f32> {
    return vec4<f32>(f32(i & 1u) * 4.0 - 1.0, f32(i >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn copy(@builtin(position) at: vec4<f32>) -> @location(0) vec4<f32> {
    let pixel = vec2<i32>(at.xy);
    let size = vec2<i32>(textureDimensions(picture));
    if any(pixel >= size) {
        return vec4<f32>(1.0);
    }
    return textureLoad(picture, pixel, 0);
}
