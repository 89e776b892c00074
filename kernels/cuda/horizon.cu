// The horizon sweep of a sector over a surface: one thread a line, which keeps the upper hull of what it has met.
// Heights are whole numbers of 1/65536 m, so hulls are exact and equal to cpu/horizon.py; sums are in its order.

#define HOLE (-536870912)

// A line's hull: entry i lies at i * stride, so that neighbouring lines write side by side.
struct Hull {
    int* high;
    int* place;
    long long stride;
    int count;
    long long rise, run;
};

// Keep the points above the line from (x, z) to its tangent point, and that point's rise and run; with `look` the
// hull stays as it is. Points no higher than z can raise no horizon above 0 from here on.
__device__ __forceinline__ void tangent(Hull* hull, int z, int x, bool look) {
    int n = hull->count;
    while (n > 0 && hull->high[(n - 1) * hull->stride] <= z) n--;
    hull->rise = 0;
    hull->run = 1;
    if (n > 0) {
        hull->rise = (long long)hull->high[(n - 1) * hull->stride] - z;
        hull->run = (long long)x - hull->place[(n - 1) * hull->stride];
        while (n > 1) {
            long long farther = (long long)hull->high[(n - 2) * hull->stride] - z;
            long long away = (long long)x - hull->place[(n - 2) * hull->stride];
            if (hull->rise * away > farther * hull->run) break;
            hull->rise = farther;
            hull->run = away;
            n--;
        }
    }
    if (!look) hull->count = n;
}

__device__ __forceinline__ void push(Hull* hull, int z, int x) {
    hull->high[hull->count * hull->stride] = z;
    hull->place[hull->count * hull->stride] = x;
    hull->count++;
}

// Arc tangent of t >= 0 in degrees by Abramowitz & Stegun 4.4.49: the same bits on every device.
__device__ __forceinline__ float arc(float t) {
    float u = fminf(t, 1.0f) / fmaxf(t, 1.0f);
    float s = u * u;
    float p = 0.0028662257f;
    p = p * s + -0.0161657367f;
    p = p * s + 0.0429096138f;
    p = p * s + -0.0752896400f;
    p = p * s + 0.1065626393f;
    p = p * s + -0.1420889944f;
    p = p * s + 0.1999355085f;
    p = p * s + -0.3333314528f;
    p = p * s + 1.0f;
    float a = p * u * 57.29577951f;
    return t > 1.0f ? 90.0f - a : a;
}

// Height gained a cell: the mean of both sides, the one side that is no wall, or 0.
__device__ __forceinline__ float gained(int before, int here, int after, int wall) {
    int a = here - before, b = after - here;
    bool with_a = a <= wall && a >= -wall, with_b = b <= wall && b >= -wall;
    float total = (float)(with_a ? a : 0) + (float)(with_b ? b : 0);
    return with_a && with_b ? total * 0.5f : total;
}

// Tangents of the horizons of sectors along the grid's y, one line a thread.
// table: sectors × 3 × rows: offset, side, fraction; lines: sectors × 3: first line, count, reverse;
// high, place: sectors × (rows + 1) × most, room for the hulls; tangents: sectors × rows × cols.
extern "C" __global__ void cm_horizon_sweep(const int* z, int rows, int cols, const int* table, const int* lines,
                                            const float* scales, int wall, int lift, int most, int* high, int* place,
                                            float* tangents) {
    int p = blockIdx.y;
    int n = blockIdx.x * blockDim.x + threadIdx.x;
    if (n >= lines[p * 3 + 1]) return;
    int line = lines[p * 3] + n;
    int reverse = lines[p * 3 + 2];
    const int* offset = table + (long long)p * 3 * rows;
    const int* side = offset + rows;
    const int* fraction = side + rows;
    long long room = (long long)p * (rows + 1) * most + n;
    Hull hull = {high + room, place + room, most, 0, 0, 1};
    float scale = scales[p];
    float* out = tangents + (long long)p * rows * cols;
    int before = HOLE;
    for (int k = 0; k < rows; k++) {
        int j = line + offset[k];
        if (j < 0 || j >= cols) continue;
        int r = reverse ? rows - 1 - k : k;
        const int* here = z + (long long)r * (cols + 2) + 1 + j;
        int aside = here[side[k]] - here[0];
        if (aside > wall || aside < -wall) aside = 0;
        int at = here[0] + ((aside * fraction[k]) >> 10);
        int x = 2 * k;
        if (before - at > wall) {
            hull.count--;
            tangent(&hull, before, x - 1, false);
            push(&hull, before, x - 1);
        }
        before = at;
        float t = 0.0f;
        if (at != HOLE) {
            tangent(&hull, at + lift, x, lift != 0);
            t = (float)(int)hull.rise / (float)(int)hull.run * scale;
            if (lift != 0) tangent(&hull, at, x, false);
            push(&hull, at, x);
        }
        out[(long long)r * cols + j] = t;
    }
}

// Tangents to degrees, in place.
extern "C" __global__ void cm_horizon_degrees(float* tangents, long long cells) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < cells) tangents[i] = arc(tangents[i]);
}

// Add cos² of each sector's horizon, in the order of the sectors.
extern "C" __global__ void cm_horizon_sky(const float* tangents, int sectors, long long cells, float* sum) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= cells) return;
    float total = sum[i];
    for (int p = 0; p < sectors; p++) {
        float t = tangents[p * cells + i];
        total += 1.0f / (1.0f + t * t);
    }
    sum[i] = total;
}

// Add each table's entry at each sector's horizon. tables: sectors × many × bins; sum: many × cells.
extern "C" __global__ void cm_horizon_hours(const float* tangents, int sectors, long long cells, const float* tables,
                                            int many, int bins, float scale, float* sum) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= cells) return;
    for (int p = 0; p < sectors; p++) {
        float at = arc(tangents[p * cells + i]) * scale;
        int j = (int)at < bins - 2 ? (int)at : bins - 2;
        float part = at - (float)j;
        for (int m = 0; m < many; m++) {
            const float* table = tables + ((long long)p * many + m) * bins + j;
            sum[m * cells + i] += table[0] + part * (table[1] - table[0]);
        }
    }
}

// Add normal · vector at each sector's horizon, no lower than the cell's own plane.
// tilts: sectors × 4: slope towards the sector of a unit a cell down and across, and the slopes' own size;
// tables: sectors × many × bins × 2; sum: many × cells.
extern "C" __global__ void cm_horizon_energy(const int* z, int rows, int cols, int wall, const float* tangents,
                                             int sectors, const float* tilts, const float* tables, int many, int bins,
                                             float scale, float* sum) {
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    long long cells = (long long)rows * cols;
    if (i >= cells) return;
    int r = (int)(i / cols), c = (int)(i % cols);
    const int* here = z + (long long)r * (cols + 2) + 1 + c;
    int above = r > 0 ? here[-(cols + 2)] : HOLE, below = r + 1 < rows ? here[cols + 2] : HOLE;
    float down = gained(above, here[0], below, wall), across = gained(here[-1], here[0], here[1], wall);
    for (int p = 0; p < sectors; p++) {
        const float* tilt = tilts + p * 4;
        float rising = down * tilt[0] + across * tilt[1];
        float pd = down * tilt[2], pa = across * tilt[3];
        float upright = 1.0f / sqrtf(1.0f + pd * pd + pa * pa);
        float at = arc(fmaxf(tangents[p * cells + i], rising)) * scale;
        int j = (int)at < bins - 2 ? (int)at : bins - 2;
        float part = at - (float)j;
        for (int m = 0; m < many; m++) {
            const float* v = tables + (((long long)p * many + m) * bins + j) * 2;
            float flat = v[0] + part * (v[2] - v[0]);
            float high = v[1] + part * (v[3] - v[1]);
            sum[m * cells + i] += upright * (high - rising * flat);
        }
    }
}
