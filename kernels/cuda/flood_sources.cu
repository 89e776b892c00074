// What comes to a flood and goes from it, at the end of a step: the twins of cpu/flood_sources.py, equal to the bit.
// Rasters, units, clock and counts are those of flood.cu. given, before: units in all until the end of this step and of
// the last, by zone.

#define UNITS 16777216.0
#define FULL (127LL << 24)
#define RING 2
#define TILE_ROWS 16
#define TILE_COLS 128

__device__ __forceinline__ void count(long long* counts, int which, long long units) {
    if (units != 0) atomicAdd((unsigned long long*)&counts[which], (unsigned long long)units);
}

__device__ __forceinline__ int tile_of(int r, int c, int cols) {
    return (r - RING) / TILE_ROWS * ((cols + TILE_COLS - 1) / TILE_COLS) + (c - RING) / TILE_COLS;
}

// Rain by zone; share: how many cells' rain falls on a cell.
extern "C" __global__ void cm_flood_rain(int* h, const int* zones, int zone_rows, const int* share, int rows, int cols,
                                         const long long* given, const long long* before, int* wet_next,
                                         const long long* counts) {
    int r = blockIdx.y + RING, c = blockIdx.x * blockDim.x + threadIdx.x + RING;
    if (c >= cols + RING || !counts[1]) return;
    long long i = (long long)r * (cols + 2 * RING) + c;
    int zone = zone_rows == 1 ? 0 : zones[i], more = (int)(given[zone] - before[zone]) * share[i];
    if (more == 0) return;
    h[i] += more;
    wet_next[tile_of(r, c, cols)] = 1;
}

// A capacity by zone, taken from what stands there.
extern "C" __global__ void cm_flood_take(int* h, const int* zones, int zone_rows, int rows, int cols,
                                         const long long* given, const long long* before, const long long* counts,
                                         long long* moved) {
    int r = blockIdx.y + RING, c = blockIdx.x * blockDim.x + threadIdx.x + RING;
    if (c >= cols + RING || !counts[1] || !counts[3]) return;
    long long i = (long long)r * (cols + 2 * RING) + c;
    int zone = zone_rows == 1 ? 0 : zones[i], most = (int)(given[zone] - before[zone]), there = h[i] > 0 ? h[i] : 0;
    int less = there < most ? there : most;
    h[i] -= less;
    count(moved, 0, -(long long)less);
}

// Green & Ampt's infiltration since the last losses; soils: conductivity, suction, deficit by zone.
extern "C" __global__ void cm_flood_soak(int* h, const int* zones, int zone_rows, const double* soils, double* soaked,
                                         int rows, int cols, const double* clock, const long long* counts,
                                         long long* moved) {
    int r = blockIdx.y + RING, c = blockIdx.x * blockDim.x + threadIdx.x + RING;
    if (c >= cols + RING || !counts[1] || !counts[3]) return;
    long long i = (long long)r * (cols + 2 * RING) + c;
    if (h[i] <= 0) return;
    int zone = zone_rows == 1 ? 0 : zones[i];
    double there = (double)h[i], before = soaked[i], most = soils[3 * zone] * clock[4], a = most - 2.0 * before;
    double room = (soils[3 * zone + 1] + there) * soils[3 * zone + 2] + before;
    double after = before + fmin(0.5 * (a + sqrt(a * a + 8.0 * most * room)), there);
    int less = (int)(floor(after) - floor(before));
    less = less < h[i] ? less : h[i];
    soaked[i] = after;
    h[i] -= less;
    count(moved, 0, -(long long)less);
}

__device__ __forceinline__ long long floored(long long a, long long b) {
    long long q = a / b;
    return q * b > a ? q - 1 : q;
}

// An inflow's cells, each its share; no cell is twice in the list.
extern "C" __global__ void cm_flood_pour(int* h, const long long* cells, int number, int cols, const long long* given,
                                         const long long* before, int* wet_next, const long long* counts,
                                         long long* moved) {
    int k = blockIdx.x * blockDim.x + threadIdx.x;
    if (k >= number || !counts[1]) return;
    long long i = cells[k], here = h[i] > 0 ? h[i] : 0;
    long long more = floored(given[0] + k, number) - floored(before[0] + k, number);
    more = more > -here ? more : -here;
    more = more < FULL - here ? more : FULL - here;
    h[i] = (int)(here + more);
    count(moved, 0, more);
    if (more != 0) wet_next[tile_of((int)(i / (cols + 2 * RING)), (int)(i % (cols + 2 * RING)), cols)] = 1;
}

// Links, one after the other in one thread: a cell may have several. See cpu/flood_sources.py.
extern "C" __global__ void cm_flood_link(const float* z, int* h, const long long* cells, const double* sizes, int number,
                                         int cols, double area, const double* clock, const long long* counts,
                                         int* wet_next) {
    if (blockIdx.x * blockDim.x + threadIdx.x != 0 || !counts[1]) return;
    for (int k = 0; k < number; k++) {
        long long a = cells[2 * k], b = cells[2 * k + 1];
        const double* size = &sizes[5 * k];
        if (h[a] < 0 || h[b] < 0) continue;
        double over_a = (double)z[a] + h[a] / UNITS - size[1], over_b = (double)z[b] + h[b] / UNITS - size[1];
        if (over_b > over_a) {
            long long cell = a;
            double over = over_a;
            a = b;
            over_a = over_b;
            b = cell;
            over_b = over;
        }
        if (over_a <= 0.0) continue;
        double below = fmax(over_b, over_a * (2.0 / 3.0));
        int open = below < size[2];
        double opening = open ? below : size[2], drop = over_a - (open ? below : fmax(over_b, opening));
        double flow = fmin(size[4] * size[0] * opening * sqrt(2.0 * 9.81 * drop), size[3]);
        double limit = fmin(0.25 * (over_a - fmax(over_b, 0.0)) * UNITS, 0.5 * h[a]);
        int units = (int)fmin(flow * clock[2] / area * UNITS, limit);
        h[a] -= units;
        h[b] += units;
        if (units == 0) continue;
        long long wide = cols + 2 * RING;
        wet_next[tile_of((int)(a / wide), (int)(a % wide), cols)] = 1;
        wet_next[tile_of((int)(b / wide), (int)(b % wide), cols)] = 1;
    }
}
