// Points to a raster: one thread a point; every result is free of the order in which threads arrive.

__device__ __forceinline__ unsigned int ordered(float z) {
    unsigned int bits = __float_as_uint(z);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

// Number of each point's cell, -1 outside.
extern "C" __global__ void cm_bin_cells(const double* x, const double* y, const float* z, long long points, double x0,
                                        double y0, double width, double height, int rows, int cols, long long* out) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= points) return;
    double c = floor((x[i] - x0) / width), r = floor((y0 - y[i]) / height);
    int inside = c >= 0.0 && c < (double)cols && r >= 0.0 && r < (double)rows && fabsf(z[i]) <= 3.402823466e38f;
    out[i] = inside ? (long long)r * cols + (long long)c : -1;
}

// Highest or lowest point of each cell by a 64-bit maximum of (ordered height, lower index first).
extern "C" __global__ void cm_bin_extreme(const long long* cells, const float* z, long long points, int lowest,
                                          unsigned long long* keys) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= points || cells[i] < 0) return;
    // Adding zero turns -0 into 0, so that equal heights have equal bits.
    unsigned int rank = ordered(z[i] + 0.0f);
    if (lowest) rank = ~rank;
    unsigned long long key = ((unsigned long long)rank << 32) | (0xFFFFFFFFu - (unsigned int)i);
    unsigned long long* place = keys + cells[i];
    if (key > *(volatile unsigned long long*)place) atomicMax(place, key);
}

// Number of points, and with `summed` the sum of heights in 1/65536 m: whole numbers add alike in any order.
extern "C" __global__ void cm_bin_total(const long long* cells, const float* z, long long points, int summed,
                                        unsigned long long* total, int* number) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= points || cells[i] < 0) return;
    atomicAdd(number + cells[i], 1);
    if (summed) atomicAdd(total + cells[i], (unsigned long long)(long long)floor((double)z[i] * 65536.0 + 0.5));
}
