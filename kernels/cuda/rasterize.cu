// Triangles to a raster, exact at the cells' centres: one block a triangle, its threads share the cells of its box.
// The highest height wins by a 64-bit maximum of (ordered height, lower index first), whatever the order of threads.

__device__ __forceinline__ double edge(double ax, double ay, double bx, double by, double x, double y) {
    if (ax < bx || (ax == bx && ay < by)) return (bx - ax) * (y - ay) - (by - ay) * (x - ax);
    return -((ax - bx) * (y - by) - (ay - by) * (x - bx));
}

// A float as a whole number that sorts alike.
__device__ __forceinline__ unsigned int ordered(float z) {
    unsigned int bits = __float_as_uint(z);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

__device__ __forceinline__ double least(double a, double b) { return b < a ? b : a; }
__device__ __forceinline__ double most(double a, double b) { return b > a ? b : a; }

extern "C" __global__ void cm_raster_draw(const double* v, const int* t, int triangles, int rows, int cols, int lowest,
                                          unsigned long long* keys) {
    int i = blockIdx.x;
    if (i >= triangles) return;
    const double* a = v + 3ll * t[3ll * i];
    const double* b = v + 3ll * t[3ll * i + 1];
    const double* c = v + 3ll * t[3ll * i + 2];
    double total = 0.0;
    for (int j = 0; j < 3; j++) total += a[j] + b[j] + c[j];
    if (!(fabs(total) < 1e300)) return;
    double c0 = most(ceil(least(least(a[0], b[0]), c[0]) - 0.5), 0.0);
    double c1 = least(floor(most(most(a[0], b[0]), c[0]) - 0.5), cols - 1.0);
    double r0 = most(ceil(least(least(a[1], b[1]), c[1]) - 0.5), 0.0);
    double r1 = least(floor(most(most(a[1], b[1]), c[1]) - 0.5), rows - 1.0);
    if (c0 > c1 || r0 > r1) return;
    double low = least(least(a[2], b[2]), c[2]), high = most(most(a[2], b[2]), c[2]);
    long long width = (long long)(c1 - c0) + 1, cells = width * ((long long)(r1 - r0) + 1);
    for (long long n = threadIdx.x; n < cells; n += blockDim.x) {
        long long row = (long long)r0 + n / width, col = (long long)c0 + n % width;
        double x = col + 0.5, y = row + 0.5;
        double u = edge(b[0], b[1], c[0], c[1], x, y);
        double w = edge(c[0], c[1], a[0], a[1], x, y);
        double s = edge(a[0], a[1], b[0], b[1], x, y);
        if (!((u >= 0.0 && w >= 0.0 && s >= 0.0) || (u <= 0.0 && w <= 0.0 && s <= 0.0))) continue;
        double area = u + w + s;
        if (area == 0.0) continue;
        // Adding zero turns -0 into 0, so that equal heights have equal bits.
        float z = (float)least(most((u * a[2] + w * b[2] + s * c[2]) / area, low), high) + 0.0f;
        unsigned int rank = lowest ? ~ordered(z) : ordered(z);
        unsigned long long key = ((unsigned long long)rank << 32) | (0xFFFFFFFFu - (unsigned int)i);
        unsigned long long* place = keys + row * cols + col;
        if (key > *(volatile unsigned long long*)place) atomicMax(place, key);
    }
}

// Keys back to heights and indices; 0 stands for an empty cell.
extern "C" __global__ void cm_raster_unpack(const unsigned long long* keys, long long cells, int lowest, float* height,
                                            int* index) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= cells) return;
    unsigned long long key = keys[i];
    unsigned int rank = (unsigned int)(key >> 32);
    if (lowest) rank = ~rank;
    unsigned int bits = rank & 0x80000000u ? rank & 0x7FFFFFFFu : ~rank;
    height[i] = __uint_as_float(key == 0 ? 0x7FC00000u : bits);
    index[i] = key == 0 ? -1 : (int)(0xFFFFFFFFu - (unsigned int)key);
}
