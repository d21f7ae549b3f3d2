//! Coming and going.

use super::*;

#[test]
fn it_comes_back_on_the_same_port() {
    let socket = EventSocket::start();
    let address = socket.address();
    let mut client = Client::signed_in(&socket);
    socket.answer("hostname", "kept");
    socket.stop();
    assert_eq!(client.try_frame(), None);
    assert!(TcpStream::connect(address).is_err());
    socket.start_again();
    assert_eq!(Client::signed_in(&socket).api("hostname"), "kept");
    drop(socket);
    assert!(TcpStream::connect(address).is_err());
    let socket = EventSocket::start_at(address);
    assert_eq!(socket.address(), address);
    assert_eq!(Client::signed_in(&socket).api("hostname"), "fs1");
}

#[test]
fn connections_are_counted() {
    let socket = EventSocket::start();
    let [one, _two] = [Client::signed_in(&socket), Client::signed_in(&socket)];
    assert_eq!([socket.connections(), socket.accepted()], [2, 2]);
    drop(one);
    assert!(socket.wait_until(|| socket.connections() == 1));
    assert_eq!(socket.accepted(), 2);
}

#[test]
fn connections_are_dropped() {
    let socket = EventSocket::start();
    let mut clients = [Client::signed_in(&socket), Client::signed_in(&socket)];
    socket.close_all();
    assert_eq!(socket.connections(), 0);
    for client in &mut clients {
        assert_eq!(client.stream.read(&mut [0]).unwrap(), 0);
    }
    let mut client = Client::signed_in(&socket);
    socket.reset_all();
    let error = client.stream.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    Client::signed_in(&socket).api("hostname");
}

/// Who does not read is no reason for the test to stay.
#[test]
fn a_client_that_does_not_read_is_left() {
    let socket = EventSocket::start();
    let client = Client::subscribed(&socket, "HEARTBEAT");
    std::thread::scope(|scope| {
        let flood = scope.spawn(|| socket.flood(100_000));
        std::thread::sleep(A_WHILE);
        assert!(socket.subscribed());
        socket.reset_all();
        assert!(flood.join().unwrap() < 100_000);
    });
    drop(client);
}

/// What one client does not read is no other's trouble.
#[test]
fn clients_do_not_wait_for_each_other() {
    let socket = EventSocket::start();
    let mut reader = Client::subscribed(&socket, "HEARTBEAT");
    let mut idle = Client::signed_in(&socket);
    socket.answer("much", &"x".repeat(50_000_000));
    idle.say("api much");
    assert!(socket.wait_heard(|heard| heard.iter().any(|command| command == "api much")));
    std::thread::sleep(A_WHILE);
    assert_eq!(socket.flood(1), 1);
    assert!(reader.frame().contains("HEARTBEAT"));
}
