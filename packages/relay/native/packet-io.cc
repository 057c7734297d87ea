// Datagram sockets for one Node environment (a worker thread): one wake-up, one call into JavaScript for all that came.
// The JavaScript half, which is the only caller, is src/worker/io/native-io.ts. Linux only.
//
//   epoll fd <- all sockets          uv_poll on the epoll fd -> [pause] -> recvmmsg each ready socket into the receive slab
//   -> onBatch(count), which handles the datagrams, and flush(count) -> sendto each slot of the send slab
//
// All state hangs on the environment and ends with it. Nothing that comes from JavaScript or from the network is used as an
// index or a length before it is checked.

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <vector>

#define NAPI_VERSION 8
#include <node_api.h>
#include <uv.h>

namespace {

// Shared with native-io.ts, which reads them from the exports.
constexpr uint32_t kSlots = 512;
constexpr uint32_t kSlotBytes = 2048;
// Per received datagram: socket, length, 1 when it has the source of the datagram before it on that socket.
constexpr uint32_t kRxFields = 3;
// Per datagram to send: socket, length.
constexpr uint32_t kTxFields = 2;
constexpr uint32_t kSocketsMax = 16384;
// Datagrams that one socket may take of a batch, so that a flood on it leaves room for the others.
constexpr uint32_t kPerSocket = 16;
constexpr int kEvents = 256;
// Control words: how long to wait for more before a batch, in us.
constexpr uint32_t kControls = 1;
constexpr int32_t kPauseMaxUs = 2000;

struct Socket {
  int fd = -1;
  bool has_target = false;
  bool has_source = false;
  sockaddr_storage target{};
  sockaddr_storage source{};
  socklen_t target_length = 0;
  double refused = 0;
};

struct Io {
  napi_env env = nullptr;
  napi_ref on_batch = nullptr;
  napi_ref resource = nullptr;
  napi_async_context context = nullptr;
  napi_async_cleanup_hook_handle cleanup = nullptr;
  napi_ref buffers[5] = {};
  uint8_t* rx = nullptr;
  uint8_t* tx = nullptr;
  int32_t* rx_meta = nullptr;
  int32_t* tx_meta = nullptr;
  int32_t* control = nullptr;
  uv_poll_t* poll = nullptr;
  int epoll_fd = -1;
  bool in_batch = false;
  std::vector<Socket> sockets;
  std::vector<uint32_t> free_sockets;
  sockaddr_storage sources[kSlots];
  uint32_t received = 0;
  uint64_t batch_began_ns = 0;
};

uint64_t Nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000ull + static_cast<uint64_t>(now.tv_nsec);
}

bool SameAddress(const sockaddr_storage& one, const sockaddr_storage& other) {
  if (one.ss_family != other.ss_family) return false;
  if (one.ss_family == AF_INET) {
    auto a = reinterpret_cast<const sockaddr_in*>(&one);
    auto b = reinterpret_cast<const sockaddr_in*>(&other);
    return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
  }
  auto a = reinterpret_cast<const sockaddr_in6*>(&one);
  auto b = reinterpret_cast<const sockaddr_in6*>(&other);
  return a->sin6_port == b->sin6_port && memcmp(&a->sin6_addr, &b->sin6_addr, sizeof a->sin6_addr) == 0;
}

void SendAll(Io* io, uint32_t count) {
  for (uint32_t slot = 0; slot < count && slot < kSlots; slot += 1) {
    uint32_t number = static_cast<uint32_t>(io->tx_meta[slot * kTxFields]);
    uint32_t length = static_cast<uint32_t>(io->tx_meta[slot * kTxFields + 1]);
    if (number >= io->sockets.size() || length > kSlotBytes) continue;
    Socket& socket = io->sockets[number];
    if (socket.fd < 0 || !socket.has_target) continue;
    ssize_t sent = sendto(socket.fd, io->tx + slot * kSlotBytes, length, MSG_DONTWAIT | MSG_NOSIGNAL,
                          reinterpret_cast<const sockaddr*>(&socket.target), socket.target_length);
    if (sent < 0) socket.refused += 1;
  }
}

// Fills slots from one socket. Returns false when the slab is full.
bool Receive(Io* io, uint32_t number) {
  if (number >= io->sockets.size() || io->sockets[number].fd < 0) return true;
  uint32_t room = kSlots - io->received;
  if (room == 0) return false;
  uint32_t wanted = room < kPerSocket ? room : kPerSocket;
  mmsghdr messages[kPerSocket];
  iovec vectors[kPerSocket];
  memset(messages, 0, sizeof(mmsghdr) * wanted);
  for (uint32_t n = 0; n < wanted; n += 1) {
    vectors[n] = {io->rx + (io->received + n) * kSlotBytes, kSlotBytes};
    messages[n].msg_hdr.msg_iov = &vectors[n];
    messages[n].msg_hdr.msg_iovlen = 1;
    messages[n].msg_hdr.msg_name = &io->sources[io->received + n];
    messages[n].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  }
  int count = recvmmsg(io->sockets[number].fd, messages, wanted, MSG_DONTWAIT, nullptr);
  Socket& socket = io->sockets[number];
  for (int n = 0; n < count; n += 1) {
    const sockaddr_storage& source = io->sources[io->received];
    bool same = socket.has_source && SameAddress(socket.source, source);
    if (!same) socket.source = source;
    socket.has_source = true;
    int32_t* meta = io->rx_meta + io->received * kRxFields;
    meta[0] = static_cast<int32_t>(number);
    meta[1] = static_cast<int32_t>(messages[n].msg_len > kSlotBytes ? kSlotBytes : messages[n].msg_len);
    meta[2] = same ? 1 : 0;
    io->received += 1;
  }
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

void OnReadable(uv_poll_t* poll, int status, int) {
  Io* io = static_cast<Io*>(poll->data);
  if (io == nullptr || status < 0 || io->in_batch) return;
  Pause(io);
  epoll_event events[kEvents];
  int count = epoll_wait(io->epoll_fd, events, kEvents, 0);
  for (int n = 0; n < count && io->poll != nullptr; n += 1) {
    if (!Receive(io, events[n].data.u32)) Deliver(io);
  }
  if (io->poll != nullptr) Deliver(io);
}

void CloseSocket(Io* io, uint32_t number) {
  Socket& socket = io->sockets[number];
  if (socket.fd < 0) return;
  epoll_ctl(io->epoll_fd, EPOLL_CTL_DEL, socket.fd, nullptr);
  close(socket.fd);
  socket = Socket();
  io->free_sockets.push_back(number);
}

void StopPolling(Io* io) {
  if (io->poll == nullptr) return;
  uv_poll_stop(io->poll);
  io->poll->data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(io->poll), [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
  io->poll = nullptr;
}

// The environment ends: the handle must be closed before its loop is, and the loop runs until the hook is removed.
void OnCleanup(napi_async_cleanup_hook_handle hook, void* data) {
  Io* io = static_cast<Io*>(data);
  napi_set_instance_data(io->env, nullptr, nullptr, nullptr);
  for (uint32_t number = 0; number < io->sockets.size(); number += 1) CloseSocket(io, number);
  uv_poll_t* poll = io->poll;
  io->poll = nullptr;
  int epoll_fd = io->epoll_fd;
  delete io;
  if (poll == nullptr) {
    close(epoll_fd);
    napi_remove_async_cleanup_hook(hook);
    return;
  }
  struct Ending {
    napi_async_cleanup_hook_handle hook;
    int epoll_fd;
  };
  uv_poll_stop(poll);
  poll->data = new Ending{hook, epoll_fd};
  uv_close(reinterpret_cast<uv_handle_t*>(poll), [](uv_handle_t* handle) {
    auto ending = static_cast<Ending*>(handle->data);
    close(ending->epoll_fd);
    napi_remove_async_cleanup_hook(ending->hook);
    delete ending;
    delete reinterpret_cast<uv_poll_t*>(handle);
  });
}

napi_value Number(napi_env env, double value) {
  napi_value made = nullptr;
  napi_create_double(env, value, &made);
  return made;
}

// The arguments of a call and the state of its environment. `io` is null when there is none (any more).
struct Call {
  Io* io = nullptr;
  size_t count = 4;
  napi_value arguments[4] = {};
  Call(napi_env env, napi_callback_info info) {
    if (napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr) != napi_ok) count = 0;
    void* data = nullptr;
    if (napi_get_instance_data(env, &data) == napi_ok) io = static_cast<Io*>(data);
  }
  bool Uint32(napi_env env, size_t n, uint32_t* value) const {
    napi_valuetype type;
    return n < count && napi_typeof(env, arguments[n], &type) == napi_ok && type == napi_number &&
           napi_get_value_uint32(env, arguments[n], value) == napi_ok;
  }
  // The socket that argument `n` names, or null.
  Socket* OpenSocket(napi_env env, size_t n, uint32_t* number) const {
    if (io == nullptr || !Uint32(env, n, number) || *number >= io->sockets.size()) return nullptr;
    return io->sockets[*number].fd < 0 ? nullptr : &io->sockets[*number];
  }
  // Arguments `n` (IP literal) and `n + 1` (port) as a socket address; its length, or 0.
  socklen_t Address(napi_env env, size_t n, sockaddr_storage* address) const {
    char host[64];
    size_t length = 0;
    uint32_t port = 0;
    if (n >= count || napi_get_value_string_utf8(env, arguments[n], host, sizeof host, &length) != napi_ok) return 0;
    if (length >= sizeof host - 1 || !Uint32(env, n + 1, &port) || port > 65535) return 0;
    memset(address, 0, sizeof *address);
    if (uv_ip4_addr(host, static_cast<int>(port), reinterpret_cast<sockaddr_in*>(address)) == 0) return sizeof(sockaddr_in);
    if (uv_ip6_addr(host, static_cast<int>(port), reinterpret_cast<sockaddr_in6*>(address)) == 0) return sizeof(sockaddr_in6);
    return 0;
  }
};

// open(host, port, dscp) -> number of the socket, or -errno. RFC 2474 §3: the DSCP is the upper six bits of the octet.
napi_value Open(napi_env env, napi_callback_info info) {
  Call call(env, info);
  sockaddr_storage address;
  socklen_t length = call.Address(env, 0, &address);
  uint32_t dscp;
  if (call.io == nullptr || call.io->poll == nullptr || length == 0) return Number(env, -EINVAL);
  if (!call.Uint32(env, 2, &dscp) || dscp > 63) return Number(env, -EINVAL);
  Io* io = call.io;
  if (io->free_sockets.empty() && io->sockets.size() >= kSocketsMax) return Number(env, -EMFILE);
  int fd = socket(address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Number(env, -errno);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0) {
    int problem = errno;
    close(fd);
    return Number(env, -problem);
  }
  const int octet = static_cast<int>(dscp << 2);
  const bool is_ipv4 = address.ss_family == AF_INET;
  // A system that will not mark packets still carries them.
  if (dscp > 0) setsockopt(fd, is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6, is_ipv4 ? IP_TOS : IPV6_TCLASS, &octet, sizeof octet);
  uint32_t number;
  if (io->free_sockets.empty()) {
    number = static_cast<uint32_t>(io->sockets.size());
    io->sockets.emplace_back();
  } else {
    number = io->free_sockets.back();
    io->free_sockets.pop_back();
  }
  io->sockets[number].fd = fd;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = number;
  if (epoll_ctl(io->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
    int problem = errno;
    CloseSocket(io, number);
    return Number(env, -problem);
  }
  return Number(env, number);
}

// port(socket) -> the port it is bound to, or 0.
napi_value Port(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t number;
  Socket* socket = call.OpenSocket(env, 0, &number);
  sockaddr_storage address;
  socklen_t length = sizeof address;
  if (socket == nullptr || getsockname(socket->fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return Number(env, 0);
  return Number(env, ntohs(address.ss_family == AF_INET ? reinterpret_cast<sockaddr_in*>(&address)->sin_port
                                                        : reinterpret_cast<sockaddr_in6*>(&address)->sin6_port));
}

// target(socket, host, port) -> 1 when its datagrams go there from now on, else 0.
napi_value Target(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t number;
  Socket* socket = call.OpenSocket(env, 0, &number);
  sockaddr_storage address;
  socklen_t length = call.Address(env, 1, &address);
  if (socket == nullptr) return Number(env, 0);
  socket->has_target = length > 0;
  if (length > 0) socket->target = address;
  socket->target_length = length;
  return Number(env, length > 0 ? 1 : 0);
}

// source(slot) -> [host, port] of a datagram of the batch under way, or undefined.
napi_value Source(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t slot;
  napi_value pair = nullptr;
  if (call.io == nullptr || !call.Uint32(env, 0, &slot) || slot >= call.io->received) return pair;
  const sockaddr_storage& source = call.io->sources[slot];
  char text[INET6_ADDRSTRLEN] = "";
  const bool is_ipv4 = source.ss_family == AF_INET;
  const void* bytes = is_ipv4 ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&source)->sin_addr)
                              : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&source)->sin6_addr);
  if (uv_inet_ntop(is_ipv4 ? AF_INET : AF_INET6, bytes, text, sizeof text) != 0) return pair;
  napi_value host;
  if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &host) != napi_ok) return pair;
  uint16_t port = ntohs(is_ipv4 ? reinterpret_cast<const sockaddr_in*>(&source)->sin_port
                                : reinterpret_cast<const sockaddr_in6*>(&source)->sin6_port);
  if (napi_create_array_with_length(env, 2, &pair) != napi_ok) return nullptr;
  napi_set_element(env, pair, 0, host);
  napi_set_element(env, pair, 1, Number(env, port));
  return pair;
}

// flush(count): sends the first `count` slots of the send slab.
napi_value Flush(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t count;
  if (call.io != nullptr && call.Uint32(env, 0, &count)) SendAll(call.io, count);
  return nullptr;
}

// refused(socket) -> sends that the system refused.
napi_value Refused(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t number;
  Socket* socket = call.OpenSocket(env, 0, &number);
  return Number(env, socket == nullptr ? 0 : socket->refused);
}

// close(socket)
napi_value Close(napi_env env, napi_callback_info info) {
  Call call(env, info);
  uint32_t number;
  if (call.OpenSocket(env, 0, &number) != nullptr) CloseSocket(call.io, number);
  return nullptr;
}

// stop(): no more batches; sockets can still be closed.
napi_value Stop(napi_env env, napi_callback_info info) {
  Call call(env, info);
  if (call.io != nullptr) StopPolling(call.io);
  return nullptr;
}

// A typed array over memory that V8 owns and we keep referenced; null when there is none to be had.
void* Buffer(napi_env env, napi_typedarray_type type, size_t elements, size_t element_bytes, napi_ref* kept, napi_value* view) {
  void* data = nullptr;
  napi_value buffer;
  if (napi_create_arraybuffer(env, elements * element_bytes, &data, &buffer) != napi_ok) return nullptr;
  if (napi_create_reference(env, buffer, 1, kept) != napi_ok) return nullptr;
  if (napi_create_typedarray(env, type, elements, buffer, 0, view) != napi_ok) return nullptr;
  memset(data, 0, elements * element_bytes);
  return data;
}

// start(onBatch) -> { rx, rxMeta, tx, txMeta, control } once per environment; undefined when it cannot.
napi_value Start(napi_env env, napi_callback_info info) {
  Call call(env, info);
  napi_valuetype type = napi_undefined;
  if (call.io != nullptr || call.count < 1 || napi_typeof(env, call.arguments[0], &type) != napi_ok || type != napi_function)
    return nullptr;
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return nullptr;
  Io* io = new Io();
  io->env = env;
  napi_value made[5], result, name, resource;
  io->rx = static_cast<uint8_t*>(Buffer(env, napi_uint8_array, kSlots * kSlotBytes, 1, &io->buffers[0], &made[0]));
  io->rx_meta = static_cast<int32_t*>(Buffer(env, napi_int32_array, kSlots * kRxFields, 4, &io->buffers[1], &made[1]));
  io->tx = static_cast<uint8_t*>(Buffer(env, napi_uint8_array, kSlots * kSlotBytes, 1, &io->buffers[2], &made[2]));
  io->tx_meta = static_cast<int32_t*>(Buffer(env, napi_int32_array, kSlots * kTxFields, 4, &io->buffers[3], &made[3]));
  io->control = static_cast<int32_t*>(Buffer(env, napi_int32_array, kControls, 4, &io->buffers[4], &made[4]));
  io->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  bool ok = io->rx && io->rx_meta && io->tx && io->tx_meta && io->control && io->epoll_fd >= 0 &&
            napi_create_object(env, &result) == napi_ok && napi_create_object(env, &resource) == napi_ok &&
            napi_create_string_utf8(env, "sordino:packet-io", NAPI_AUTO_LENGTH, &name) == napi_ok &&
            napi_create_reference(env, call.arguments[0], 1, &io->on_batch) == napi_ok &&
            napi_create_reference(env, resource, 1, &io->resource) == napi_ok &&
            napi_async_init(env, resource, name, &io->context) == napi_ok;
  uv_poll_t* poll = ok ? new uv_poll_t() : nullptr;
  if (ok && uv_poll_init(loop, poll, io->epoll_fd) != 0) {
    delete poll;
    ok = false;
  }
  if (!ok) {
    if (io->epoll_fd >= 0) close(io->epoll_fd);
    delete io;
    return nullptr;
  }
  poll->data = io;
  io->poll = poll;
  uv_poll_start(poll, UV_READABLE, OnReadable);
  napi_set_instance_data(env, io, nullptr, nullptr);
  napi_add_async_cleanup_hook(env, OnCleanup, io, &io->cleanup);
  const char* names[5] = {"rx", "rxMeta", "tx", "txMeta", "control"};
  for (int n = 0; n < 5; n += 1) napi_set_named_property(env, result, names[n], made[n]);
  napi_set_named_property(env, result, "slots", Number(env, kSlots));
  napi_set_named_property(env, result, "slotBytes", Number(env, kSlotBytes));
  return result;
}

napi_value Init(napi_env env, napi_value exports) {
  const struct {
    const char* name;
    napi_callback function;
  } functions[] = {{"start", Start}, {"open", Open},   {"port", Port},       {"target", Target}, {"source", Source},
                   {"flush", Flush}, {"close", Close}, {"refused", Refused}, {"stop", Stop}};
  for (const auto& [name, function] : functions) {
    napi_value value;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value) == napi_ok)
      napi_set_named_property(env, exports, name, value);
  }
  return exports;
}

}  // namespace

NAPI_MODULE(sordino_packet_io, Init)
