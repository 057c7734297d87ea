// How datagrams come: when the thread wakes, what it takes, and how JavaScript gets it.
#pragma once

#include <time.h>

#include "sockets.h"

namespace {

// Datagrams that one socket may take of a batch, so that a flood on it leaves room for the others.
constexpr uint32_t kPerSocket = 16;
constexpr int kEvents = 256;
constexpr int32_t kPauseMaxUs = 2000;
// How long batches may follow each other without a turn of the event loop, which costs as much as a datagram. JavaScript's timers are looked
// at after each batch; what the main thread asks waits no longer than this.
constexpr uint64_t kTurnNs = 4000000;

uint64_t Nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000ull + static_cast<uint64_t>(now.tv_nsec);
}

// Fills slots from one socket until it is empty. Returns false when the slab is full.
bool Receive(Io* io, uint32_t number) {
  if (number >= io->sockets.size() || io->sockets[number].fd < 0) return true;
  Socket& socket = io->sockets[number];
  for (uint32_t tries = 0; tries < kPerSocket; tries += 1) {
    uint32_t slot = io->received;
    if (slot == kSlots) break;
    Address& source = io->sources[slot];
    socklen_t source_length = sizeof source;
    ssize_t length = recvfrom(socket.fd, io->rx + slot * kSlotBytes, kSlotBytes, MSG_DONTWAIT, &source.any, &source_length);
    if (length < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
      continue;
    }
    bool same = socket.source == source;
    if (!same) socket.source = source;
    int32_t* meta = io->rx_meta + slot * kRxFields;
    meta[0] = static_cast<int32_t>(number);
    meta[1] = static_cast<int32_t>(length);
    meta[2] = same ? 1 : 0;
    io->received = slot + 1;
  }
  // There may be more: to be told of it again.
  Watch(io, number, EPOLL_CTL_MOD);
  return io->received < kSlots;
}

// Hands the batch to JavaScript.
void Deliver(Io* io) {
  uint32_t count = io->received;
  napi_env env = io->env;
  napi_handle_scope scope;
  if (count == 0 || napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value on_batch, resource, argument, result;
  napi_get_reference_value(env, io->on_batch, &on_batch);
  napi_get_reference_value(env, io->resource, &resource);
  napi_create_uint32(env, count, &argument);
  io->in_batch = true;
  napi_status status = napi_make_callback(env, io->context, resource, on_batch, 1, &argument, &result);
  io->in_batch = false;
  if (status == napi_pending_exception) {
    napi_value error;
    if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
  }
  // Whatever the owner did with them: nothing of a datagram stays (it may have held a key).
  for (uint32_t slot = 0; slot < count; slot += 1) {
    uint32_t length = static_cast<uint32_t>(io->rx_meta[slot * kRxFields + 1]);
    memset(io->rx + slot * kSlotBytes, 0, length < kSlotBytes ? length : kSlotBytes);
  }
  io->received = 0;
  napi_close_handle_scope(env, scope);
}

// Sleeps until the pause has passed since the last batch began, so that a batch that took longer is followed at once.
void Pause(Io* io) {
  int32_t pause_us = io->control[0];
  if (pause_us > kPauseMaxUs) pause_us = kPauseMaxUs;
  if (pause_us > 0) {
    uint64_t until = io->batch_began_ns + static_cast<uint64_t>(pause_us) * 1000ull;
    timespec deadline = {static_cast<time_t>(until / 1000000000ull), static_cast<long>(until % 1000000000ull)};
    if (until > Nanoseconds()) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr);
  }
  io->batch_began_ns = Nanoseconds();
}

// Takes and delivers all that is there; false: there was nothing.
bool Batch(Io* io) {
  epoll_event events[kEvents];
  int count = epoll_wait(io->epoll_fd, events, kEvents, 0);
  for (int n = 0; n < count && io->poll != nullptr; n += 1) {
    if (!Receive(io, events[n].data.u32)) Deliver(io);
  }
  if (io->poll != nullptr) Deliver(io);
  return count > 0;
}

void OnReadable(uv_poll_t* poll, int status, int) {
  Io* io = static_cast<Io*>(poll->data);
  if (io == nullptr || status < 0 || io->in_batch) return;
  uint64_t began_ns = Nanoseconds();
  do {
    Pause(io);
  } while (Batch(io) && io->poll != nullptr && io->control[0] > 0 && Nanoseconds() - began_ns < kTurnNs);
}

}  // namespace
