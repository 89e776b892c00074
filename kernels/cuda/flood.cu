// The flood, one thread a cell: the same expressions in the same order as cpu/flow.py, equal to the bit.
// Rasters have a ring of 2 cells; h in units of 2^-24 m, negative for walls; qx, qy in m²/s to the east and the south.
// A step is a row of launches that the clock on the device lets run or pass; the host only looks in now and then.

#include "flood_flux.cuh"

#define UNITS 16777216.0
#define DRY 1e-6f
#define THIN 1e-4f
#define DEEPEST 120.0f
#define TOO_FAST 1e30f
#define SILL 0.45566894604818264f
#define RING 2
#define TILE_ROWS 16
#define TILE_COLS 128

// clock: time, end of the step, its length, seconds since the last losses, seconds of these losses
// counts: steps, 1 while a step runs, 1 after a blow-up, 1 when losses are due, units through west, east, north, south,
// owed, ticks of the record's clock in the step, tiles at work
// most: bits of the quickest wave of the last step, of the ring, and of the step under way
// rates: dt, dt / width, dt / height, the same in units, most fall along and across, end of the step
// plan: stop, longest, reach, begin, width, height, ticks a second, too fast, 1 where nothing comes or goes,
// then the levels of the four edges above the datum and their rates

struct Tilt { float deep, u, v, more, lx, hx, ux, vx, ly, hy, uy, vy; };

__device__ __forceinline__ Side primitive(int h, float qx, float qy) {
    Side out;
    out.h = (float)(h > 0 ? h : 0) * UNIT;
    float inverse = 1.0f / fmaxf(out.h, DRY);
    out.u = qx * inverse;
    out.v = qy * inverse;
    return out;
}

__device__ __forceinline__ Side turned(Side a) {
    Side out = {a.h, a.v, a.u};
    return out;
}

// Look before locking: few cells are quicker than all before them.
__device__ __forceinline__ void reach(unsigned int* most, float value) {
    unsigned int bits = __float_as_uint(value);
    if (bits > *(volatile unsigned int*)most) atomicMax(most, bits);
}

__device__ __forceinline__ void count(long long* counts, int which, long long units) {
    if (units != 0) atomicAdd((unsigned long long*)&counts[which], (unsigned long long)units);
}

__device__ __forceinline__ int tile_of(int r, int c, int cols) {
    return (r - RING) / TILE_ROWS * ((cols + TILE_COLS - 1) / TILE_COLS) + (c - RING) / TILE_COLS;
}

// The record of a cell: deepest, ticks of wetness; arrival, speed, discharge, danger.
__device__ __forceinline__ void note(long long i, long long cells, int h, float x, float y, int wet_units, float now,
                                     int ticks, int* whole, float* real) {
    whole[i] = h > whole[i] ? h : whole[i];
    if (h < wet_units) return;
    whole[cells + i] += ticks;
    float q = sqrtf(x * x + y * y), metres = (float)h * UNIT;
    real[i] = fminf(real[i], now);
    real[cells + i] = fmaxf(real[cells + i], q / fmaxf(metres, DRY));
    real[2 * cells + i] = fmaxf(real[2 * cells + i], q);
    real[3 * cells + i] = fmaxf(real[3 * cells + i], q + 0.5f * metres);
}

// What a cell is after its faces: depth, friction, the quickest wave, the record.
__device__ void finish(long long i, long long cells, int h, int then, float x, float y, float rough, const float* rates,
                       int wet_units, int* whole, float* real, float too_fast, int* out_h, float* out_x, float* out_y,
                       long long* counts, unsigned int* most, int* wet) {
    int wall = h < 0;
    int now = wall ? h : (then > 0 ? then : 0);
    if (!wall && then < 0) count(counts, 8, -(long long)then);
    float metres = (float)(now > 0 ? now : 0) * UNIT, deep = fmaxf(metres, DRY);
    float rate = rates[0] * rough * sqrtf(x * x + y * y) / (deep * deep * cube_root(deep));
    float kept = 2.0f / (1.0f + sqrtf(1.0f + rate));
    kept = metres > DRY ? kept : 0.0f;
    x = x * kept;
    y = y * kept;
    out_h[i] = now;
    out_x[i] = x;
    out_y[i] = y;
    float fast = fmaxf(fabsf(x), fabsf(y)) / deep + sqrtf(GRAVITY * metres);
    fast = metres > DEEPEST ? TOO_FAST : fast;
    if (fast > 0.0f) *wet = 1;
    reach(&most[2], fast);
    if (wet_units && fast < too_fast) note(i, cells, now, x, y, wet_units, rates[7], (int)counts[9], whole, real);
}

// Units through the raster's own sides, inward positive.
__device__ __forceinline__ void border(int r, int c, int rows, int cols, int west, int east, int north, int south,
                                       long long* counts) {
    if (c == RING) count(counts, 4, west);
    if (c == cols + RING - 1) count(counts, 5, -(long long)east);
    if (r == RING) count(counts, 6, north);
    if (r == rows + RING - 1) count(counts, 7, -(long long)south);
}

// The ring, one thread for each cell of the four sides; kinds: west, east, north, south, 0 wall, 1 open, 2 level.
extern "C" __global__ void cm_flood_edges(const float* z, int* h, float* qx, float* qy, int rows, int cols,
                                          const int* kinds, const double* plan, const double* clock,
                                          const long long* counts, unsigned int* most) {
    int k = blockIdx.x * blockDim.x + threadIdx.x, side = blockIdx.y;
    if (k >= (side < 2 ? rows : cols) || kinds[side] == 0 || counts[2] || !(clock[0] < plan[0])) return;
    long long wide = cols + 2 * RING;
    long long r = side < 2 ? k + RING : (side == 2 ? RING : rows + RING - 1);
    long long c = side >= 2 ? k + RING : (side == 0 ? RING : cols + RING - 1);
    long long i = r * wide + c;
    float outward = side < 2 ? qx[i] : qy[i], u = 0.0f, v = 0.0f;
    outward = side % 2 ? outward : -outward;
    int units = -1;
    if (h[i] >= 0 && kinds[side] == 1) {
        units = outward >= 0.0f ? 0 : -1;
    } else if (h[i] >= 0) {
        double level = plan[9 + side] + plan[13 + side] * (clock[0] - plan[3]);
        double metres = fmin(fmax(level - (double)z[i], 0.0), (double)DEEPEST);
        units = (int)floor(metres * UNITS + 0.5);
        float deep = (float)units * UNIT;
        float inverse = 1.0f / fmaxf((float)h[i] * UNIT, DRY);
        u = qx[i] * inverse * deep;
        v = qy[i] * inverse * deep;
        reach(&most[1], sqrtf(GRAVITY * deep));
    }
    for (int ring = 0; ring < RING; ring++) {
        long long a = side < 2 ? r : (side == 2 ? RING - 1 - ring : rows + RING + ring);
        long long b = side >= 2 ? c : (side == 0 ? RING - 1 - ring : cols + RING + ring);
        h[a * wide + b] = units;
        qx[a * wide + b] = u;
        qy[a * wide + b] = v;
    }
}

// Tiles with water, and their neighbours, are at work (1); one that was and is no more is copied once (2).
extern "C" __global__ void cm_flood_tiles(int down, int across, const int* kinds, int* wet, int* wet_next, int* work,
                                          const double* plan, const double* clock, long long* counts) {
    int tile = blockIdx.x * blockDim.x + threadIdx.x;
    if (tile >= down * across || counts[2] || !(clock[0] < plan[0])) return;
    int row = tile / across, col = tile % across, any = 0;
    for (int r = row > 0 ? row - 1 : 0; r <= row + 1 && r < down; r++) {
        for (int c = col > 0 ? col - 1 : 0; c <= col + 1 && c < across; c++) {
            int level = (c == 0 && kinds[0] == 2) || (c == across - 1 && kinds[1] == 2) || (r == 0 && kinds[2] == 2) ||
                        (r == down - 1 && kinds[3] == 2);
            any |= level | wet[r * across + c];
        }
    }
    wet_next[tile] = 0;
    work[tile] = any ? 1 : (work[tile] == 1 ? 2 : 0);
    if (any) counts[10] = 1;
}

// One thread: how long the step is.
extern "C" __global__ void cm_flood_begin(const double* plan, double* clock, long long* counts, unsigned int* most,
                                          float* rates) {
    if (blockIdx.x * blockDim.x + threadIdx.x != 0) return;
    counts[1] = 0;
    if (counts[2] || !(clock[0] < plan[0])) return;
    if (counts[10] == 0 && plan[8] != 0.0) {
        clock[0] = plan[0];
        return;
    }
    counts[10] = 0;
    counts[1] = 1;
    double fastest = (double)fmaxf(__uint_as_float(most[0]), __uint_as_float(most[1]));
    double left = plan[0] - clock[0], step = fmin(plan[2] / fmax(fastest, 1e-9), plan[1]);
    double dt = left <= step ? left : fmin(step, 0.5 * left);
    clock[1] = dt == left ? plan[0] : clock[0] + dt;
    clock[2] = dt;
    counts[9] = (long long)(clock[1] * plan[6]) - (long long)(clock[0] * plan[6]);
    double kx = dt / plan[4], ky = dt / plan[5];
    rates[0] = (float)dt;
    rates[1] = (float)kx;
    rates[2] = (float)ky;
    rates[3] = (float)(kx / 5.9604644775390625e-08);
    rates[4] = (float)(ky / 5.9604644775390625e-08);
    rates[5] = (float)plan[4];
    rates[6] = (float)plan[5];
    rates[7] = (float)clock[1];
    most[1] = 0;
    most[2] = 0;
}

// One thread: take the step or stop, and what each source has given by then; modes: 0 grows, 1 both ways, 2 with losses.
extern "C" __global__ void cm_flood_end(const double* plan, const double* curves, const int* modes, int channels,
                                        double losses_every, double* clock, long long* counts, unsigned int* most,
                                        long long* given, long long* before) {
    if (blockIdx.x * blockDim.x + threadIdx.x != 0 || !counts[1]) return;
    counts[3] = 0;
    if (!(__uint_as_float(most[2]) < (float)plan[7])) {
        counts[1] = 0;
        counts[2] = 1;
        return;
    }
    most[0] = most[2];
    clock[0] = clock[1];
    counts[0]++;
    clock[3] += clock[2];
    if (clock[3] >= losses_every) {
        counts[3] = 1;
        clock[4] = clock[3];
        clock[3] = 0.0;
    }
    double past = clock[0] - plan[3];
    for (int k = 0; k < channels; k++) {
        before[k] = given[k];
        if (modes[k] == 2 && !counts[3]) continue;
        long long now = (long long)floor(curves[3 * k] + past * (curves[3 * k + 1] + past * curves[3 * k + 2]));
        given[k] = modes[k] == 1 || now > given[k] ? now : given[k];
    }
}

__device__ __forceinline__ void keep(const int* h, const float* qx, const float* qy, int* out_h, float* out_x,
                                     float* out_y, long long i) {
    out_h[i] = h[i];
    out_x[i] = qx[i];
    out_y[i] = qy[i];
}

// First order: a block a part of a row.
extern "C" __global__ void cm_flood_first(const float* z, const int* h, const float* qx, const float* qy, int* out_h,
                                          float* out_x, float* out_y, const float* rough, int rough_rows,
                                          const float* rates, int rows, int cols, const int* work, int* wet_next,
                                          int wet_units, int* whole, float* real, float too_fast, long long* counts,
                                          unsigned int* most) {
    int r = blockIdx.y + RING, c = blockIdx.x * blockDim.x + threadIdx.x + RING;
    if (c >= cols + RING || !counts[1]) return;
    int tile = tile_of(r, c, cols);
    long long wide = cols + 2 * RING, i = r * wide + c, cells = (rows + 2 * RING) * wide;
    if (work[tile] == 2) keep(h, qx, qy, out_h, out_x, out_y, i);
    if (work[tile] != 1) return;
    Side here = primitive(h[i], qx[i], qy[i]);
    long long w = i - 1, e = i + 1, n = i - wide, s = i + wide;
    Side left = primitive(h[w], qx[w], qy[w]), right = primitive(h[e], qx[e], qy[e]), turn = turned(here);
    Side up = turned(primitive(h[n], qx[n], qy[n])), down = turned(primitive(h[s], qx[s], qy[s]));
    Face west = face(h[w], h[i], z[w], z[i], left, here, 0.0f, 0.0f, rates[5], rates[3], left.u, here.u);
    Face east = face(h[i], h[e], z[i], z[e], here, right, 0.0f, 0.0f, rates[5], rates[3], here.u, right.u);
    Face north = face(h[n], h[i], z[n], z[i], up, turn, 0.0f, 0.0f, rates[6], rates[4], up.u, turn.u);
    Face south = face(h[i], h[s], z[i], z[s], turn, down, 0.0f, 0.0f, rates[6], rates[4], turn.u, down.u);
    border(r, c, rows, cols, west.moved, east.moved, north.moved, south.moved, counts);
    int then = h[i] - east.moved + west.moved - south.moved + north.moved;
    float x = qx[i] - rates[1] * (east.low - west.high) - rates[2] * (south.along - north.along);
    float y = qy[i] - rates[2] * (south.low - north.high) - rates[1] * (east.along - west.along);
    finish(i, cells, h[i], then, x, y, rough[(r % rough_rows) * wide + c], rates, wet_units, whole, real, too_fast, out_h,
           out_x, out_y, counts, most, &wet_next[tile]);
}

// Second order: half slopes of each cell and its state half a step on, 12 planes; nothing for cells without water.
extern "C" __global__ void cm_flood_slopes(const float* z, const int* h, const float* qx, const float* qy,
                                           const float* rough, int rough_rows, const float* rates, int rows, int cols,
                                           const long long* counts, float* planes) {
    int r = blockIdx.y + 1, c = blockIdx.x * blockDim.x + threadIdx.x + 1;
    long long wide = cols + 2 * RING, i = r * wide + c, cells = (rows + 2 * RING) * wide;
    if (c > cols + RING || !counts[1] || h[i] <= 0) return;
    long long w = i - 1, e = i + 1, n = i - wide, s = i + wide;
    Side o = primitive(h[i], qx[i], qy[i]);
    Side ow = primitive(h[w], qx[w], qy[w]), oe = primitive(h[e], qx[e], qy[e]);
    Side on = primitive(h[n], qx[n], qy[n]), os = primitive(h[s], qx[s], qy[s]);
    int wet = o.h > THIN;
    float left = wet && joined(h[i], o.h, z[i], h[w], ow.h, z[w]) ? 1.0f : 0.0f;
    float right = wet && joined(h[i], o.h, z[i], h[e], oe.h, z[e]) ? 1.0f : 0.0f;
    float up = wet && joined(h[i], o.h, z[i], h[n], on.h, z[n]) ? 1.0f : 0.0f;
    float down = wet && joined(h[i], o.h, z[i], h[s], os.h, z[s]) ? 1.0f : 0.0f;
    float hx = minmod(left * (o.h - ow.h), right * (oe.h - o.h)), hy = minmod(up * (o.h - on.h), down * (os.h - o.h));
    float lx = level(h[w], z[w], h[i], z[i], h[e], z[e], left, right, hx, o.h);
    float ly = level(h[n], z[n], h[i], z[i], h[s], z[s], up, down, hy, o.h);
    float ux = minmod(left * (o.u - ow.u), right * (oe.u - o.u)), uy = minmod(up * (o.u - on.u), down * (os.u - o.u));
    float vx = minmod(left * (o.v - ow.v), right * (oe.v - o.v)), vy = minmod(up * (o.v - on.v), down * (os.v - o.v));
    float kx = rates[1], ky = rates[2];
    float flow = kx * (o.u * hx + o.h * ux) + ky * (o.v * hy + o.h * vy);
    float deep = fmaxf(o.h - flow, 0.0f);
    float u = o.u - kx * (o.u * ux + GRAVITY * lx) - ky * (o.v * uy);
    float v = o.v - ky * (o.v * vy + GRAVITY * ly) - kx * (o.u * vx);
    float d = fmaxf(deep, DRY);
    float rate = 0.5f * rates[0] * rough[(r % rough_rows) * wide + c] * sqrtf(u * u + v * v) / (d * cube_root(d));
    float kept = 2.0f / (1.0f + sqrtf(1.0f + rate));
    float all[12] = {deep, u * kept, v * kept, deep - o.h, lx, hx, ux, vx, ly, hy, uy, vy};
    for (int k = 0; k < 12; k++) planes[k * cells + i] = all[k];
}

__device__ __forceinline__ Tilt tilted(const int* h, const float* planes, long long cells, long long i) {
    Tilt out = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
    if (h[i] <= 0) return out;
    out.deep = planes[i];
    out.u = planes[cells + i];
    out.v = planes[2 * cells + i];
    out.more = planes[3 * cells + i];
    out.lx = planes[4 * cells + i];
    out.hx = planes[5 * cells + i];
    out.ux = planes[6 * cells + i];
    out.vx = planes[7 * cells + i];
    out.ly = planes[8 * cells + i];
    out.hy = planes[9 * cells + i];
    out.uy = planes[10 * cells + i];
    out.vy = planes[11 * cells + i];
    return out;
}

__device__ __forceinline__ Face face_x(int ha, int hb, float za, float zb, Tilt a, Tilt b, const float* rates) {
    float lift = (b.more - a.more) - (b.lx + a.lx), tilt = -(b.lx - b.hx) - (a.lx - a.hx);
    Side left = {fmaxf(a.deep + a.hx, 0.0f), a.u + a.ux, a.v + a.vx};
    Side right = {fmaxf(b.deep - b.hx, 0.0f), b.u - b.ux, b.v - b.vx};
    return face(ha, hb, za, zb, left, right, lift, tilt, rates[5], rates[3], a.u, b.u);
}

__device__ __forceinline__ Face face_y(int ha, int hb, float za, float zb, Tilt a, Tilt b, const float* rates) {
    float lift = (b.more - a.more) - (b.ly + a.ly), tilt = -(b.ly - b.hy) - (a.ly - a.hy);
    Side above = {fmaxf(a.deep + a.hy, 0.0f), a.v + a.vy, a.u + a.uy};
    Side below = {fmaxf(b.deep - b.hy, 0.0f), b.v - b.vy, b.u - b.uy};
    return face(ha, hb, za, zb, above, below, lift, tilt, rates[6], rates[4], a.v, b.v);
}

extern "C" __global__ void cm_flood_second(const float* z, const int* h, const float* qx, const float* qy, int* out_h,
                                           float* out_x, float* out_y, const float* rough, int rough_rows,
                                           const float* rates, int rows, int cols, const int* work, int* wet_next,
                                           int wet_units, int* whole, float* real, float too_fast, long long* counts,
                                           unsigned int* most, const float* planes) {
    int r = blockIdx.y + RING, c = blockIdx.x * blockDim.x + threadIdx.x + RING;
    if (c >= cols + RING || !counts[1]) return;
    int tile = tile_of(r, c, cols);
    long long wide = cols + 2 * RING, i = r * wide + c, cells = (rows + 2 * RING) * wide;
    if (work[tile] == 2) keep(h, qx, qy, out_h, out_x, out_y, i);
    if (work[tile] != 1) return;
    long long w = i - 1, e = i + 1, n = i - wide, s = i + wide;
    Tilt here = tilted(h, planes, cells, i);
    Face west = face_x(h[w], h[i], z[w], z[i], tilted(h, planes, cells, w), here, rates);
    Face east = face_x(h[i], h[e], z[i], z[e], here, tilted(h, planes, cells, e), rates);
    Face north = face_y(h[n], h[i], z[n], z[i], tilted(h, planes, cells, n), here, rates);
    Face south = face_y(h[i], h[s], z[i], z[s], here, tilted(h, planes, cells, s), rates);
    border(r, c, rows, cols, west.moved, east.moved, north.moved, south.moved, counts);
    int then = h[i] - east.moved + west.moved - south.moved + north.moved;
    float in_x = 2.0f * GRAVITY * here.deep * here.lx, in_y = 2.0f * GRAVITY * here.deep * here.ly;
    float x = qx[i] - rates[1] * (east.low - west.high + in_x) - rates[2] * (south.along - north.along);
    float y = qy[i] - rates[2] * (south.low - north.high + in_y) - rates[1] * (east.along - west.along);
    finish(i, cells, h[i], then, x, y, rough[(r % rough_rows) * wide + c], rates, wet_units, whole, real, too_fast, out_h,
           out_x, out_y, counts, most, &wet_next[tile]);
}

// --- the preview: local inertia, see cpu/flood_preview.py ---

// The faces in the west and the north ring take the next ones' flow, where water can come through them.
extern "C" __global__ void cm_flood_preview_ring(const int* h, float* qx, float* qy, int rows, int cols,
                                                 const long long* counts) {
    int k = blockIdx.x * blockDim.x + threadIdx.x;
    if (!counts[1]) return;
    long long wide = cols + 2 * RING, w = (long long)k * wide + RING - 1, n = (RING - 1) * wide + k;
    if (blockIdx.y == 0 && k < rows + 2 * RING) qx[w] = h[w] >= 0 ? qx[w + 1] : 0.0f;
    if (blockIdx.y == 1 && k < cols + 2 * RING) qy[n] = h[n] >= 0 ? qy[n + wide] : 0.0f;
}

struct Push { int moved; float q; };

__device__ __forceinline__ Push push(int h, int h1, float z, float z1, float q, float before, float after, float n,
                                     float n1, float dt, float k, float units) {
    float a = (float)(h > 0 ? h : 0) * UNIT, b = (float)(h1 > 0 ? h1 : 0) * UNIT, dz = z1 - z;
    int wall = h < 0 || h1 < 0;
    float deep = wall ? 0.0f : fmaxf(a - fmaxf(dz, 0.0f), b + fminf(dz, 0.0f));
    float rise = (float)(int)((unsigned int)h1 - (unsigned int)h) * UNIT + dz;
    float d = fmaxf(deep, DRY);
    float pushed = 0.8f * q + 0.1f * (before + after) - GRAVITY * d * k * rise;
    float rough = 0.125f * (n + n1) * dt * fabsf(q) / (d * d * cube_root(d));
    float onto_sill = pushed > 0.0f ? z1 - z : z - z1;
    float most = d * sqrtf(GRAVITY * d) * (1.0f - SILL * fminf(fmaxf(onto_sill, 0.0f) / d, 1.0f));
    float now = fminf(fmaxf(pushed / (1.0f + rough), -most), most);
    now = deep > DRY ? now : 0.0f;
    int wanted = (int)(now * units), up = (h > 0 ? h : 0) / 4, down = -((h1 > 0 ? h1 : 0) / 4);
    int moved = wanted < up ? wanted : up;
    moved = moved > down ? moved : down;
    Push out = {moved, moved == wanted ? now : (float)moved * (1.0f / units)};
    return out;
}

extern "C" __global__ void cm_flood_preview(const float* z, const int* h, const float* qx, const float* qy, int* out_h,
                                            float* out_x, float* out_y, const float* rough, int rough_rows,
                                            const float* rates, int rows, int cols, const int* work, int* wet_next,
                                            int wet_units, int* whole, float* real, float too_fast, long long* counts,
                                            unsigned int* most) {
    int r = blockIdx.y + RING, c = blockIdx.x * blockDim.x + threadIdx.x + RING;
    if (c >= cols + RING || !counts[1]) return;
    int tile = tile_of(r, c, cols);
    long long wide = cols + 2 * RING, i = r * wide + c, cells = (rows + 2 * RING) * wide;
    if (work[tile] == 2) keep(h, qx, qy, out_h, out_x, out_y, i);
    if (work[tile] != 1) return;
    long long w = i - 1, e = i + 1, n = i - wide, s = i + wide;
    const float* here = rough + (r % rough_rows) * wide + c;
    float up = rough[((r - 1) % rough_rows) * wide + c], down = rough[((r + 1) % rough_rows) * wide + c];
    float dt = rates[0], kx = rates[1], ky = rates[2];
    Push west = push(h[w], h[i], z[w], z[i], qx[w], qx[w - 1], qx[i], here[-1], here[0], dt, kx, rates[3]);
    Push east = push(h[i], h[e], z[i], z[e], qx[i], qx[w], qx[e], here[0], here[1], dt, kx, rates[3]);
    Push north = push(h[n], h[i], z[n], z[i], qy[n], qy[n - wide], qy[i], up, here[0], dt, ky, rates[4]);
    Push south = push(h[i], h[s], z[i], z[s], qy[i], qy[n], qy[s], here[0], down, dt, ky, rates[4]);
    border(r, c, rows, cols, west.moved, east.moved, north.moved, south.moved, counts);
    int wall = h[i] < 0, then = h[i] - east.moved + west.moved - south.moved + north.moved;
    int now = wall ? h[i] : (then > 0 ? then : 0);
    if (!wall && then < 0) count(counts, 8, -(long long)then);
    out_h[i] = now;
    out_x[i] = east.q;
    out_y[i] = south.q;
    float x = 0.5f * (west.q + east.q), y = 0.5f * (north.q + south.q);
    float metres = (float)(now > 0 ? now : 0) * UNIT, wave = sqrtf(GRAVITY * metres);
    float fast = fminf(fmaxf(fabsf(x), fabsf(y)) / fmaxf(metres, THIN), wave) + wave;
    fast = metres > DEEPEST ? TOO_FAST : fast;
    if (fast > 0.0f) wet_next[tile] = 1;
    reach(&most[2], fast);
    if (wet_units && fast < too_fast) note(i, cells, now, x, y, wet_units, rates[7], (int)counts[9], whole, real);
}
