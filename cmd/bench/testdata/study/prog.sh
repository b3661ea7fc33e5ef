#!/bin/sh
sleep 0.030
echo "result of $(cat $1)"
