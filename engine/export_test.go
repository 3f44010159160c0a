package engine

import "wgpucnn/engine/internal/native"

// FailToMap makes wgpu report an error that no call returns: the buffer cannot be mapped.
func FailToMap(b *Buffer) { native.MapAsync(b.gpu, b.size) }
