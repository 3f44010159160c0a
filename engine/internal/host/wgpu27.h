// The part of wgpu-native 27.0.2 that the host *_wgpu27.go uses, with the names of its headers webgpu.h and
// wgpu.h. The module of the library has no headers. Fields that the host leaves 0 keep their places.

#ifndef WGPU27_H
#define WGPU27_H

#include <stddef.h>
#include <stdint.h>

typedef struct WGPUAdapterImpl *WGPUAdapter;
typedef struct WGPUBindGroupImpl *WGPUBindGroup;
typedef struct WGPUBindGroupLayoutImpl *WGPUBindGroupLayout;
typedef struct WGPUBufferImpl *WGPUBuffer;
typedef struct WGPUCommandBufferImpl *WGPUCommandBuffer;
typedef struct WGPUCommandEncoderImpl *WGPUCommandEncoder;
typedef struct WGPUComputePassEncoderImpl *WGPUComputePassEncoder;
typedef struct WGPUComputePipelineImpl *WGPUComputePipeline;
typedef struct WGPUDeviceImpl *WGPUDevice;
typedef struct WGPUInstanceImpl *WGPUInstance;
typedef struct WGPUPipelineLayoutImpl *WGPUPipelineLayout;
typedef struct WGPUQuerySetImpl *WGPUQuerySet;
typedef struct WGPUQueueImpl *WGPUQueue;
typedef struct WGPUShaderModuleImpl *WGPUShaderModule;
typedef uint32_t WGPUBool;

// A text of so many bytes.
typedef struct { char const *data; size_t length; } WGPUStringView;

// What the field next of a descriptor points to.
typedef struct { void const *next; int type; } WGPUChainedStruct;
enum { WGPUSType_ShaderSourceWGSL = 2, WGPUSType_InstanceExtras = 0x30006 };

// Callbacks run within a call of the library.
typedef struct {
	void const *next;
	int mode;
	void (*callback)(int status, WGPUStringView message, void *data, void *more);
	void *data, *more;
} WGPUBufferMapCallbackInfo;

typedef struct {
	void const *next;
	int mode;
	void (*callback)(int status, WGPUDevice device, WGPUStringView message, void *data, void *more);
	void *data, *more;
} WGPURequestDeviceCallbackInfo;

typedef struct {
	void const *next;
	int mode;
	void (*callback)(WGPUDevice const *device, int reason, WGPUStringView message, void *data, void *more);
	void *data, *more;
} WGPUDeviceLostCallbackInfo;

typedef struct {
	void const *next;
	void (*callback)(WGPUDevice const *device, int type, WGPUStringView message, void *data, void *more);
	void *data, *more;
} WGPUUncapturedErrorCallbackInfo;

enum { WGPUStatus_Success = 1 }; // also of a callback

// The instance and its adapters.

enum { WGPUInstanceBackend_Vulkan = 1, WGPUInstanceBackend_GL = 2, WGPUInstanceBackend_Metal = 4, WGPUInstanceBackend_DX12 = 8 };

typedef struct {
	WGPUChainedStruct chain;
	uint64_t backends, flags;
	int dx12Compiler, gles3MinorVersion, glFenceBehaviour;
	WGPUStringView dxcPath;
	int dxcMaxShaderModel;
	uint8_t const *budgetForDeviceCreation, *budgetForDeviceLoss;
} WGPUInstanceExtras;

typedef struct {
	void const *next;
	struct { void *next; WGPUBool timedWaitAnyEnable; size_t timedWaitAnyMaxCount; } features;
} WGPUInstanceDescriptor;

typedef struct { void const *next; uint64_t backends; } WGPUInstanceEnumerateAdapterOptions;

enum { WGPUAdapterType_DiscreteGPU = 1, WGPUAdapterType_IntegratedGPU, WGPUAdapterType_CPU };
enum {
	WGPUBackendType_D3D12 = 4, WGPUBackendType_Metal, WGPUBackendType_Vulkan, WGPUBackendType_OpenGL, WGPUBackendType_OpenGLES
};

typedef struct {
	void *next;
	WGPUStringView vendor, architecture, device, description;
	int backendType, adapterType;
	uint32_t vendorID, deviceID;
} WGPUAdapterInfo;

typedef struct {
	void *next;
	uint32_t maxTextureDimension1D, maxTextureDimension2D, maxTextureDimension3D, maxTextureArrayLayers, maxBindGroups,
		maxBindGroupsPlusVertexBuffers, maxBindingsPerBindGroup, maxDynamicUniformBuffersPerPipelineLayout,
		maxDynamicStorageBuffersPerPipelineLayout, maxSampledTexturesPerShaderStage, maxSamplersPerShaderStage,
		maxStorageBuffersPerShaderStage, maxStorageTexturesPerShaderStage, maxUniformBuffersPerShaderStage;
	uint64_t maxUniformBufferBindingSize, maxStorageBufferBindingSize;
	uint32_t minUniformBufferOffsetAlignment, minStorageBufferOffsetAlignment, maxVertexBuffers;
	uint64_t maxBufferSize;
	uint32_t maxVertexAttributes, maxVertexBufferArrayStride, maxInterStageShaderVariables, maxColorAttachments,
		maxColorAttachmentBytesPerSample, maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup,
		maxComputeWorkgroupSizeX, maxComputeWorkgroupSizeY, maxComputeWorkgroupSizeZ, maxComputeWorkgroupsPerDimension;
} WGPULimits;

enum { WGPUFeatureName_TimestampQuery = 3, WGPUNativeFeature_TimestampQueryInsideEncoders = 0x30024 };

typedef struct {
	void const *next;
	WGPUStringView label;
	size_t requiredFeatureCount;
	int const *requiredFeatures;
	WGPULimits const *requiredLimits;
	struct { void const *next; WGPUStringView label; } defaultQueue;
	WGPUDeviceLostCallbackInfo lost;
	WGPUUncapturedErrorCallbackInfo uncaptured;
} WGPUDeviceDescriptor;

WGPUInstance wgpuCreateInstance(WGPUInstanceDescriptor const *descriptor);
size_t wgpuInstanceEnumerateAdapters(WGPUInstance instance, WGPUInstanceEnumerateAdapterOptions const *options, WGPUAdapter *adapters);
void wgpuInstanceRelease(WGPUInstance instance);
int wgpuAdapterGetInfo(WGPUAdapter adapter, WGPUAdapterInfo *info);
void wgpuAdapterInfoFreeMembers(WGPUAdapterInfo info);
int wgpuAdapterGetLimits(WGPUAdapter adapter, WGPULimits *limits);
WGPUBool wgpuAdapterHasFeature(WGPUAdapter adapter, int feature);
uint64_t wgpuAdapterRequestDevice(WGPUAdapter adapter, WGPUDeviceDescriptor const *descriptor, WGPURequestDeviceCallbackInfo callback);
void wgpuAdapterRelease(WGPUAdapter adapter);
void wgpuSetLogCallback(void (*callback)(int level, WGPUStringView message, void *data), void *data);
void wgpuSetLogLevel(int level);

// The device, and what it makes.

typedef struct {
	void const *next;
	WGPUStringView label;
	uint64_t usage, size;
	WGPUBool mappedAtCreation;
} WGPUBufferDescriptor;

enum { WGPUBufferBindingType_Storage = 3, WGPUBufferBindingType_ReadOnlyStorage };
enum { WGPUShaderStage_Compute = 4 };

typedef struct {
	void const *next;
	uint32_t binding;
	uint64_t visibility;
	struct { void const *next; int type; WGPUBool hasDynamicOffset; uint64_t minBindingSize; } buffer;
	struct { void const *next; int type; } sampler;
	struct { void const *next; int sampleType, viewDimension; WGPUBool multisampled; } texture;
	struct { void const *next; int access, format, viewDimension; } storageTexture;
} WGPUBindGroupLayoutEntry;

typedef struct {
	void const *next;
	WGPUStringView label;
	size_t entryCount;
	WGPUBindGroupLayoutEntry const *entries;
} WGPUBindGroupLayoutDescriptor;

typedef struct {
	void const *next;
	uint32_t binding;
	WGPUBuffer buffer;
	uint64_t offset, size;
	void *sampler, *textureView;
} WGPUBindGroupEntry;

typedef struct {
	void const *next;
	WGPUStringView label;
	WGPUBindGroupLayout layout;
	size_t entryCount;
	WGPUBindGroupEntry const *entries;
} WGPUBindGroupDescriptor;

typedef struct {
	void const *next;
	WGPUStringView label;
	size_t layoutCount;
	WGPUBindGroupLayout const *layouts;
} WGPUPipelineLayoutDescriptor;

typedef struct { WGPUChainedStruct chain; WGPUStringView code; } WGPUShaderSourceWGSL;

typedef struct { void const *next; WGPUStringView label; } WGPUShaderModuleDescriptor;

typedef struct {
	void const *next;
	WGPUStringView label;
	WGPUPipelineLayout layout;
	struct {
		void const *next;
		WGPUShaderModule module;
		WGPUStringView entryPoint;
		size_t constantCount;
		void const *constants;
	} compute;
} WGPUComputePipelineDescriptor;

enum { WGPUQueryType_Timestamp = 2 };

typedef struct { void const *next; WGPUStringView label; int type; uint32_t count; } WGPUQuerySetDescriptor;

WGPUBuffer wgpuDeviceCreateBuffer(WGPUDevice device, WGPUBufferDescriptor const *descriptor);
WGPUBindGroupLayout wgpuDeviceCreateBindGroupLayout(WGPUDevice device, WGPUBindGroupLayoutDescriptor const *descriptor);
WGPUBindGroup wgpuDeviceCreateBindGroup(WGPUDevice device, WGPUBindGroupDescriptor const *descriptor);
WGPUPipelineLayout wgpuDeviceCreatePipelineLayout(WGPUDevice device, WGPUPipelineLayoutDescriptor const *descriptor);
WGPUShaderModule wgpuDeviceCreateShaderModule(WGPUDevice device, WGPUShaderModuleDescriptor const *descriptor);
WGPUComputePipeline wgpuDeviceCreateComputePipeline(WGPUDevice device, WGPUComputePipelineDescriptor const *descriptor);
WGPUQuerySet wgpuDeviceCreateQuerySet(WGPUDevice device, WGPUQuerySetDescriptor const *descriptor);
WGPUCommandEncoder wgpuDeviceCreateCommandEncoder(WGPUDevice device, void const *descriptor);
WGPUQueue wgpuDeviceGetQueue(WGPUDevice device);
WGPUBool wgpuDevicePoll(WGPUDevice device, WGPUBool wait, uint64_t const *submission);
void wgpuQueueSubmit(WGPUQueue queue, size_t count, WGPUCommandBuffer const *commands);

enum { WGPUMapMode_Read = 1, WGPUMapMode_Write };

uint64_t wgpuBufferMapAsync(WGPUBuffer buffer, uint64_t mode, size_t offset, size_t size, WGPUBufferMapCallbackInfo callback);
void *wgpuBufferGetMappedRange(WGPUBuffer buffer, size_t offset, size_t size);
void wgpuBufferUnmap(WGPUBuffer buffer);
void wgpuBufferDestroy(WGPUBuffer buffer);

// Recording.

WGPUComputePassEncoder wgpuCommandEncoderBeginComputePass(WGPUCommandEncoder encoder, void const *descriptor);
void wgpuCommandEncoderCopyBufferToBuffer(WGPUCommandEncoder encoder, WGPUBuffer src, uint64_t from, WGPUBuffer dst, uint64_t to, uint64_t size);
void wgpuCommandEncoderClearBuffer(WGPUCommandEncoder encoder, WGPUBuffer buffer, uint64_t offset, uint64_t size);
void wgpuCommandEncoderWriteTimestamp(WGPUCommandEncoder encoder, WGPUQuerySet set, uint32_t query);
void wgpuCommandEncoderResolveQuerySet(WGPUCommandEncoder encoder, WGPUQuerySet set, uint32_t first, uint32_t count, WGPUBuffer dst, uint64_t offset);
WGPUCommandBuffer wgpuCommandEncoderFinish(WGPUCommandEncoder encoder, void const *descriptor);
void wgpuComputePassEncoderSetPipeline(WGPUComputePassEncoder pass, WGPUComputePipeline pipeline);
void wgpuComputePassEncoderSetBindGroup(WGPUComputePassEncoder pass, uint32_t index, WGPUBindGroup group, size_t offsets, uint32_t const *offset);
void wgpuComputePassEncoderDispatchWorkgroups(WGPUComputePassEncoder pass, uint32_t x, uint32_t y, uint32_t z);
void wgpuComputePassEncoderEnd(WGPUComputePassEncoder pass);

void wgpuDeviceRelease(WGPUDevice device);
void wgpuQueueRelease(WGPUQueue queue);
void wgpuBufferRelease(WGPUBuffer buffer);
void wgpuBindGroupLayoutRelease(WGPUBindGroupLayout layout);
void wgpuBindGroupRelease(WGPUBindGroup group);
void wgpuPipelineLayoutRelease(WGPUPipelineLayout layout);
void wgpuShaderModuleRelease(WGPUShaderModule module);
void wgpuComputePipelineRelease(WGPUComputePipeline pipeline);
void wgpuQuerySetRelease(WGPUQuerySet set);
void wgpuCommandEncoderRelease(WGPUCommandEncoder encoder);
void wgpuComputePassEncoderRelease(WGPUComputePassEncoder pass);
void wgpuCommandBufferRelease(WGPUCommandBuffer commands);

#endif
