// CUDA's words for a plain C++ compiler: kernels run block by block, thread by thread, on one core.
#include <math.h>
#include <string.h>

#define __global__
#define __device__ static
#define __forceinline__ inline

struct Place { int x, y, z; };
static Place blockIdx, threadIdx, blockDim, gridDim;

static inline void __threadfence() {}
static inline unsigned int __float_as_uint(float f) { unsigned int u; memcpy(&u, &f, 4); return u; }
static inline float __uint_as_float(unsigned int u) { float f; memcpy(&f, &u, 4); return f; }
template <class T> static inline T atomicMax(T* p, T v) { T old = *p; if (v > old) *p = v; return old; }
template <class T> static inline T atomicAdd(T* p, T v) { T old = *p; *p = old + v; return old; }

#define LAUNCH(GX, GY, BX, CALL)                                      \
    gridDim = {GX, GY, 1};                                            \
    blockDim = {BX, 1, 1};                                            \
    for (blockIdx.y = 0; blockIdx.y < GY; blockIdx.y++)               \
        for (blockIdx.x = 0; blockIdx.x < GX; blockIdx.x++)           \
            for (threadIdx.x = 0; threadIdx.x < BX; threadIdx.x++) { CALL; }
