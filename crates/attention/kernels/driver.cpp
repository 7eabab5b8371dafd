// Stands in for NVIDIA's driver, libcuda.so.1, so that all that leads to a launch can be tested without a GPU: memory is the
// host's, and a launch runs the kernels in plain C++. For tests only; the functions are as cuda.h declares them.

#include <cstdio>
#include <cstdlib>
#include <map>

#include "host.cpp"

// Bytes of shared memory by kernel.
static std::map<void *, unsigned> &allowed() {
    static std::map<void *, unsigned> by_kernel;
    return by_kernel;
}

constexpr int INVALID_VALUE = 1, INVALID_DEVICE = 101, INVALID_IMAGE = 200, NOT_FOUND = 500;

extern "C" {

int cuInit(unsigned) { return 0; }

int cuDriverGetVersion(int *version) {
    *version = 13000;
    return 0;
}

int cuGetErrorString(int error, const char **text) {
    *text = error == INVALID_DEVICE ? "invalid device ordinal" : "another error";
    return 0;
}

int cuDeviceGetCount(int *count) {
    *count = 1;
    return 0;
}

int cuDeviceGet(int *device, int ordinal) {
    *device = ordinal;
    return ordinal == 0 ? 0 : INVALID_DEVICE;
}

int cuDeviceGetName(char *name, int length, int) {
    std::snprintf(name, size_t(length), "no GPU");
    return 0;
}

// A Hopper: compute capability 9.0.
int cuDeviceGetAttribute(int *value, int attribute, int) {
    *value = attribute == 75 ? 9 : 0;
    return attribute == 75 || attribute == 76 ? 0 : INVALID_VALUE;
}

int cuCtxGetDevice(int *device) {
    *device = 0;
    return 0;
}

int cuDevicePrimaryCtxRetain(void **context, int) {
    *context = context;
    return 0;
}

int cuCtxSetCurrent(void *) { return 0; }

int cuLibraryLoadData(void **library, const void *code, int *, void **, unsigned jit_options, int *, void **, unsigned options) {
    uint32_t mark;
    std::memcpy(&mark, code, 4);
    *library = const_cast<void *>(code);
    return mark == 0xBA55ED50 && jit_options == 0 && options == 0 ? 0 : INVALID_IMAGE;
}

int cuLibraryGetKernel(void **kernel, void *, const char *name) {
    *kernel = reinterpret_cast<void *>(find(name));
    return *kernel ? 0 : NOT_FOUND;
}

// The one attribute that is set: how much shared memory a launch may ask for.
int cuKernelSetAttribute(int attribute, int bytes, void *kernel, int device) {
    if (attribute != 8 || device != 0) return INVALID_VALUE;
    allowed()[kernel] = unsigned(bytes);
    return 0;
}

int cuLaunchKernel(void *kernel, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                   unsigned block_z, unsigned shared, void *, void **parameters, void **extra) {
    if (grid_x == 0 || grid_y == 0 || grid_z != 1 || block_x != THREADS || block_y != 1 || block_z != 1) return INVALID_VALUE;
    if (shared > std::max(48u << 10, allowed()[kernel]) || extra != nullptr) return INVALID_VALUE;
    host::launch(reinterpret_cast<void (*)(const Problem *)>(kernel), static_cast<const Problem *>(parameters[0]),
                 int(grid_x), int(grid_y), int(block_x), int(shared), true);
    return 0;
}

int cuMemAlloc_v2(uint64_t *address, size_t bytes) {
    *address = reinterpret_cast<uint64_t>(std::malloc(bytes));
    return *address ? 0 : 2;
}

int cuMemFree_v2(uint64_t address) {
    std::free(reinterpret_cast<void *>(address));
    return 0;
}

int cuMemcpyHtoD_v2(uint64_t to, const void *from, size_t bytes) {
    std::memcpy(reinterpret_cast<void *>(to), from, bytes);
    return 0;
}

int cuMemcpyDtoH_v2(void *to, uint64_t from, size_t bytes) {
    std::memcpy(to, reinterpret_cast<const void *>(from), bytes);
    return 0;
}

int cuStreamSynchronize(void *) { return 0; }

int cuEventCreate(void **event, unsigned) {
    *event = event;
    return 0;
}

int cuEventRecord(void *, void *) { return 0; }
int cuEventSynchronize(void *) { return 0; }
int cuEventDestroy_v2(void *) { return 0; }

int cuEventElapsedTime(float *milliseconds, void *, void *) {
    *milliseconds = 6.0f;
    return 0;
}
}
